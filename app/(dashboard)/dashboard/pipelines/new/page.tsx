import { toolIds, tools } from '@nebula/contract/tools';
import type { Metadata } from 'next';
import { PipelineEditor } from '#components/pipelines/pipeline-editor.tsx';
import { toolForm } from '#components/playground/tool-form.ts';

export const metadata: Metadata = { title: 'New pipeline' };

export default function NewPipelinePage() {
  return <PipelineEditor tools={toolIds.map((id) => toolForm(tools[id]))} />;
}
