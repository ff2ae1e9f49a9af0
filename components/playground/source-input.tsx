'use client';

import { fileTypes } from '@nebula/contract/file-types';
import { Input, TextArea } from '../ui/field.tsx';
import { FileDrop } from '../ui/file-drop.tsx';
import { Tab, TabList, TabPanel, Tabs } from '../ui/tabs.tsx';
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
        <FileDrop
          label="Input file"
          accept={tool.accepts.map((type) => fileTypes[type].mime)}
          hint={tool.accepts.map((type) => fileTypes[type].title).join(', ')}
          file={value.file}
          onFile={(file) => onChange({ ...value, file })}
        />
      </TabPanel>
    </Tabs>
  );
}
