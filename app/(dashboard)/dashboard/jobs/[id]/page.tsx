import type { Tool } from '@nebula/contract/tool';
import { toolIds, tools } from '@nebula/contract/tools';
import type { Metadata } from 'next';
import type { JobCall } from '#components/jobs/job-code.tsx';
import { JobView } from '#components/jobs/job-view.tsx';
import { fieldsOf } from '#components/playground/tool-form.ts';
import { toolCall } from '#components/request-logs/tool-call.ts';

export const metadata: Metadata = { title: 'Job' };

type Props = { params: Promise<{ id: string }> };

export default async function JobPage({ params }: Props) {
  const calls = toolIds.map((id): [string, JobCall] => {
    const tool = tools[id] as Tool;
    const schemas = Object.entries(fieldsOf(tool)).filter(([name]) =>
      tool.groups.some(({ fields }) => fields.includes(name)),
    );
    return [id, { ...toolCall(tool), schemas: Object.fromEntries(schemas) }];
  });
  return <JobView id={(await params).id} calls={Object.fromEntries(calls)} />;
}
