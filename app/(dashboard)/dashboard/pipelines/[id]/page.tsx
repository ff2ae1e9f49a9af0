import { toolIds, tools } from '@nebula/contract/tools';
import type { Metadata } from 'next';
import { SavedPipeline } from '#components/pipelines/saved-pipeline.tsx';
import { toolForm } from '#components/playground/tool-form.ts';

export const metadata: Metadata = { title: 'Pipeline' };

type Props = { params: Promise<{ id: string }> };

export default async function PipelinePage({ params }: Props) {
  return <SavedPipeline id={(await params).id} tools={toolIds.map((id) => toolForm(tools[id]))} />;
}
