'use client';

import { Check, Copy } from 'lucide-react';
import { Tabs } from 'radix-ui';
import { useState } from 'react';

/** A block of code with a button that copies it. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(code);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div className="group relative min-w-0 rounded-xl bg-code">
      <pre className="overflow-x-auto p-4 pr-12 font-mono text-[13px] leading-relaxed text-code-ink">
        <code>{code}</code>
      </pre>
      <button
        type="button"
        onClick={copy}
        aria-label={isCopied ? 'Copied' : `Copy ${label}`}
        className="absolute top-2 right-2 grid size-8 place-items-center rounded-lg text-code-ink/70 hover:bg-white/10 hover:text-white"
      >
        {isCopied ? (
          <Check className="size-4" aria-hidden />
        ) : (
          <Copy className="size-4" aria-hidden />
        )}
      </button>
    </div>
  );
}

/** The same call in several languages. */
export function CodeTabs({ samples }: { samples: { label: string; code: string }[] }) {
  return (
    <Tabs.Root defaultValue={samples[0]?.label} className="min-w-0">
      <Tabs.List aria-label="Language" className="mb-2 flex gap-1 overflow-x-auto">
        {samples.map(({ label }) => (
          <Tabs.Trigger
            key={label}
            value={label}
            className="rounded-lg px-3 py-1.5 text-sm text-soft hover:text-ink data-[state=active]:bg-raised data-[state=active]:font-medium data-[state=active]:text-ink"
          >
            {label}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {samples.map(({ code, label }) => (
        <Tabs.Content key={label} value={label}>
          <CodeBlock code={code} label={label} />
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}
