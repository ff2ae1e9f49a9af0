'use client';

import { useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from '../ui/tabs.tsx';
import { KeyField, useApiKey } from './key-field.tsx';
import { ToolBench } from './tool-bench.tsx';
import type { ToolForm } from './tool-form.ts';

/** Every tool of the registry, run from the browser with the same requests that code would send. */
export function Playground({
  email,
  firstTool,
  tools,
}: {
  email?: string;
  firstTool: string;
  tools: ToolForm[];
}) {
  const [open, setOpen] = useState(firstTool);
  const [apiKey, setApiKey] = useApiKey();
  return (
    <Tabs value={open} onValueChange={setOpen} className="mt-6">
      <div className="flex flex-wrap items-end justify-between gap-4">
        <TabList aria-label="Tool" className="mb-0 max-w-full rounded-xl border bg-surface p-1">
          {tools.map(({ id, title }) => (
            <Tab
              key={id}
              value={id}
              className="data-[state=active]:bg-accent-soft data-[state=active]:text-accent"
            >
              {title}
            </Tab>
          ))}
        </TabList>
        <KeyField email={email} apiKey={apiKey} onChange={setApiKey} />
      </div>
      {tools.map((tool) => (
        <TabPanel key={tool.id} value={tool.id} className="mt-6">
          <ToolBench tool={tool} apiKey={apiKey} isSignedIn={email !== undefined} />
        </TabPanel>
      ))}
    </Tabs>
  );
}
