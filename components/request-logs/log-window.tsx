'use client';

import { Fragment, type ReactNode } from 'react';
import { codeSamples } from '../playground/code-samples.ts';
import { CodeTabs } from '../ui/code.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { useKeyNames } from '../usage/usage-table.tsx';
import { Answer } from './log-table.tsx';
import type { ToolCall } from './tool-call.ts';

/** One call, as the API shows it. */
export type LogLine = {
  id: string;
  request_id: string;
  tool: string;
  key_id: string | null;
  status: number;
  code: string | null;
  bytes_in: number;
  bytes_out: number;
  queue_ms: number | null;
  run_ms: number | null;
  total_ms: number;
  address: string;
  created_at: string;
  expires_at: string;
};

/** A call in a window at the side, with code that makes such a call; undefined closes it. */
export function LogWindow({
  call,
  line,
  onClose,
}: {
  call?: ToolCall;
  line?: LogLine;
  onClose: () => void;
}) {
  return (
    <Dialog
      open={line !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={line?.tool ?? ''}
      description={line && new Date(line.created_at).toUTCString()}
      className="top-0 right-0 left-auto h-dvh max-h-dvh w-[min(30rem,100vw)] translate-x-0 translate-y-0 rounded-none"
    >
      {line && <Details line={line} call={call} />}
    </Dialog>
  );
}

function Details({ call, line }: { call?: ToolCall; line: LogLine }) {
  const nameOf = useKeyNames(true);
  const inTime = (ms: number | null) => (ms === null ? '–' : `${Math.round(ms)} ms`);
  const facts: [string, ReactNode][] = [
    ['Answer', <Answer key="answer" line={line} />],
    ['Request id', <Copied key="id" label="the request id" text={line.request_id} />],
    ['Key', nameOf(line.key_id)],
    ['From', line.address],
    ['In the queue', inTime(line.queue_ms)],
    ['Run', inTime(line.run_ms)],
    ['In all', inTime(line.total_ms)],
    ['Bytes in', formatBytes(line.bytes_in)],
    ['Bytes out', formatBytes(line.bytes_out)],
    ['Kept until', new Date(line.expires_at).toUTCString()],
  ];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] content-start gap-6">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-6 gap-y-2 text-sm">
        {facts.map(([name, value]) => (
          <Fragment key={name}>
            <dt className="text-faint">{name}</dt>
            <dd className="min-w-0 break-words">{value}</dd>
          </Fragment>
        ))}
      </dl>
      {call && <SuchCall call={call} />}
    </div>
  );
}

function Copied({ label, text }: { label: string; text: string }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <span className="min-w-0 truncate font-mono text-xs">{text}</span>
      <CopyButton label={label} text={text} />
    </span>
  );
}

/** What was sent is not kept, so that this is a first call of the tool and no repetition. */
function SuchCall({ call }: { call: ToolCall }) {
  const samples = codeSamples({ ...call, origin: window.location.origin });
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <h3 className="text-sm font-medium">Such a call</h3>
      <p className="text-sm text-soft">
        What you sent is not kept: put your own file and options where the sample has its.
      </p>
      <CodeTabs
        samples={samples.filter(({ label }) => label === 'cURL' || label === 'TypeScript')}
      />
    </section>
  );
}
