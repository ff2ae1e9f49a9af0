'use client';

import type { Tool } from '@nebula/contract/tool';
import { type ToolId, toolIds, tools } from '@nebula/contract/tools';
import { Tabs } from 'radix-ui';
import { useState } from 'react';
import { cn } from '../ui/class-names.ts';
import { KeyField, useApiKey } from './key-field.tsx';
import { ToolBench } from './tool-bench.tsx';

/** Every tool of the registry, run from the browser with the same requests that code would send. */
export function Playground({ email, firstTool }: { email?: string; firstTool: ToolId }) {
  const [tool, setTool] = useState<ToolId>(firstTool);
  const [apiKey, setApiKey] = useApiKey();
  return (
    <Tabs.Root value={tool} onValueChange={(value) => setTool(value as ToolId)} className="mt-6">
      <div className="flex flex-wrap items-end justify-between gap-4">
        <Tabs.List
          aria-label="Tool"
          className="flex gap-1 overflow-x-auto rounded-xl border bg-surface p-1"
        >
          {toolIds.map((id) => (
            <Tabs.Trigger
              key={id}
              value={id}
              className={cn(
                'rounded-lg px-3 py-1.5 text-sm whitespace-nowrap text-soft hover:text-ink',
                'data-[state=active]:bg-accent-soft data-[state=active]:font-medium data-[state=active]:text-accent',
              )}
            >
              {tools[id].title}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <KeyField email={email} apiKey={apiKey} onChange={setApiKey} />
      </div>
      {toolIds.map((id) => (
        <Tabs.Content key={id} value={id} className="mt-6">
          <ToolBench tool={tools[id] as Tool} apiKey={apiKey} isSignedIn={email !== undefined} />
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}
