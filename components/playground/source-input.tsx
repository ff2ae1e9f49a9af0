'use client';

import { fileTypes } from '@nebula/contract/file-types';
import { FileUp } from 'lucide-react';
import { type ClipboardEvent, type DragEvent, useId, useState } from 'react';
import { cn } from '../ui/class-names.ts';
import { Input, TextArea } from '../ui/field.tsx';
import { Tab, TabList, TabPanel, Tabs } from '../ui/tabs.tsx';
import { formatBytes } from './format.ts';
import { sampleHtml } from './sample-html.ts';
import type { ToolForm } from './tool-form.ts';

export type SourceValue = { way: 'file' | 'url' | 'html'; file?: File; url: string; html: string };

const hasHtml = ({ fields }: ToolForm) => fields.html !== undefined;

export function emptySource(tool: ToolForm): SourceValue {
  return { way: hasHtml(tool) ? 'html' : 'file', url: '', html: sampleHtml };
}

/** The file or the text fields that a source stands for in the request. */
export function sourceFields({ file, html, url, way }: SourceValue) {
  if (way === 'file') return { file, texts: {} };
  const texts: Record<string, string> = way === 'url' ? { url } : { html };
  return { file: undefined, texts };
}

/** Where the input comes from: a file by drop, paste or dialogue, an address, or text. */
export function SourceInput({
  onChange,
  tool,
  value,
}: {
  onChange: (value: SourceValue) => void;
  tool: ToolForm;
  value: SourceValue;
}) {
  const ways: [SourceValue['way'], string][] = [
    ...(hasHtml(tool) ? ([['html', 'HTML']] as [SourceValue['way'], string][]) : []),
    ['file', 'File'],
    ['url', 'URL'],
  ];
  return (
    <Tabs
      value={value.way}
      onValueChange={(way) => onChange({ ...value, way: way as SourceValue['way'] })}
    >
      <TabList aria-label="Way in">
        {ways.map(([way, label]) => (
          <Tab key={way} value={way}>
            {label}
          </Tab>
        ))}
      </TabList>
      <TabPanel value="html">
        <TextArea
          aria-label="html"
          rows={12}
          spellCheck={false}
          value={value.html}
          onChange={(event) => onChange({ ...value, html: event.target.value })}
        />
      </TabPanel>
      <TabPanel value="url">
        <Input
          aria-label="url"
          type="url"
          placeholder="https://example.com/…"
          value={value.url}
          onChange={(event) => onChange({ ...value, url: event.target.value })}
        />
      </TabPanel>
      <TabPanel value="file">
        <FileDrop tool={tool} file={value.file} onFile={(file) => onChange({ ...value, file })} />
      </TabPanel>
    </Tabs>
  );
}

function FileDrop({
  file,
  onFile,
  tool,
}: {
  file?: File;
  onFile: (file: File) => void;
  tool: ToolForm;
}) {
  const id = useId();
  const [isOver, setOver] = useState(false);
  const accepts = tool.accepts;
  const take = (files: FileList | undefined | null) => {
    const [first] = files ?? [];
    if (first) onFile(first);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  return (
    <fieldset
      aria-label="File input"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      onPaste={(event: ClipboardEvent) => take(event.clipboardData.files)}
    >
      <input
        id={id}
        type="file"
        aria-label="Input file"
        className="peer sr-only"
        accept={accepts.map((type) => fileTypes[type].mime).join(',')}
        onChange={(event) => take(event.target.files)}
      />
      <label
        htmlFor={id}
        className={cn(
          'grid cursor-pointer justify-items-center gap-2 rounded-xl border border-dashed px-4 py-8 text-center transition-colors hover:border-accent peer-focus-visible:outline-2 peer-focus-visible:outline-accent',
          isOver && 'border-accent bg-accent-soft',
        )}
      >
        <FileUp className="size-6 text-faint" aria-hidden />
        {file ? (
          <span className="max-w-full truncate text-sm font-medium">
            {file.name} <span className="font-normal text-faint">{formatBytes(file.size)}</span>
          </span>
        ) : (
          <span className="text-sm">Drop a file, paste it, or choose one</span>
        )}
        <span className="text-xs text-faint">
          {accepts.map((type) => fileTypes[type].title).join(', ')}
        </span>
      </label>
    </fieldset>
  );
}
