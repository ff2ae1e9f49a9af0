import type { Tool } from '@nebula/contract/tool';
import { toolIds, tools } from '@nebula/contract/tools';
import type { Metadata } from 'next';
import { RequestLogs } from '#components/request-logs/request-logs.tsx';
import { type ToolCall, toolCall } from '#components/request-logs/tool-call.ts';

export const metadata: Metadata = { title: 'Request logs' };

export default function RequestLogsPage() {
  const calls = toolIds.map((id): [string, ToolCall] => [id, toolCall(tools[id] as Tool)]);
  return <RequestLogs calls={Object.fromEntries(calls)} />;
}
