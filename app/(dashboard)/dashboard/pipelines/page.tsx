import { toolIds, tools } from '@nebula/contract/tools';
import type { Metadata } from 'next';
import { Pipelines } from '#components/pipelines/pipelines.tsx';
import { fieldsOf } from '#components/playground/tool-form.ts';

export const metadata: Metadata = { title: 'Pipelines' };

export default function PipelinesPage() {
  return (
    <Pipelines tools={toolIds.map((id) => ({ id, takes: Object.keys(fieldsOf(tools[id])) }))} />
  );
}
