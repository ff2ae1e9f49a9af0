'use client';

import { Check, Copy } from 'lucide-react';
import { Fragment } from 'react';
import type { CodeSample } from './highlight.ts';
import { Tab, TabList, TabPanel, Tabs } from './tabs.tsx';
import { Tooltip } from './tooltip.tsx';
import { useCopy } from './use-copy.ts';

/** A block of code with a button that copies it. */
export function CodeBlock({ code, label, lines }: CodeSample) {
  const { copy, isCopied } = useCopy(code);
  return (
    <div className="group relative min-w-0 overflow-hidden rounded-xl border border-code-line bg-code">
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        className="max-h-[24rem] overflow-auto p-4 pr-14 font-mono text-[13px] leading-relaxed text-code-ink -outline-offset-2"
      >
        <code>{lines ? <Lines lines={lines} /> : code}</code>
      </pre>
      <Tooltip text={isCopied ? 'Copied' : 'Copy'}>
        <button
          type="button"
          onClick={copy}
          aria-label={isCopied ? 'Copied' : `Copy ${label}`}
          className="absolute top-2 right-2 grid size-8 place-items-center rounded-lg bg-code text-code-ink/70 transition-colors hover:bg-code-line hover:text-white"
        >
          {isCopied ? (
            <Check className="size-4" aria-hidden />
          ) : (
            <Copy className="size-4" aria-hidden />
          )}
        </button>
      </Tooltip>
    </div>
  );
}

function Lines({ lines }: { lines: NonNullable<CodeSample['lines']> }) {
  return lines.map((line, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of a fixed text never move.
    <Fragment key={`${row}:${line[0]?.text}`}>
      {line.map(({ color, text }, column) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of a fixed text never move.
        <span key={`${column}:${text}`} style={{ color }}>
          {text}
        </span>
      ))}
      {'\n'}
    </Fragment>
  ));
}

/** The same call in several languages. */
export function CodeTabs({ samples }: { samples: CodeSample[] }) {
  return (
    <Tabs defaultValue={samples[0]?.label} className="min-w-0">
      <TabList aria-label="Language" className="mb-2">
        {samples.map(({ label }) => (
          <Tab key={label} value={label}>
            {label}
          </Tab>
        ))}
      </TabList>
      {samples.map((sample) => (
        <TabPanel key={sample.label} value={sample.label}>
          <CodeBlock {...sample} />
        </TabPanel>
      ))}
    </Tabs>
  );
}
