'use client';

import { fileTypes } from '@nebula/contract/file-types';
import { Input, TextArea } from '../ui/field.tsx';
import { FileDrop } from '../ui/file-drop.tsx';
import { Tab, TabList, TabPanel, Tabs } from '../ui/tabs.tsx';
import { sampleHtml } from './sample-html.ts';
import type { ToolForm } from './tool-form.ts';

export type SourceValue = {
  way: 'file' | 'url' | 'html';
  files: File[];
  /** Of the second list. */
  others: File[];
  url: string;
  html: string;
};

const hasHtml = ({ fields }: ToolForm) => fields.html !== undefined;

export function emptySource(tool: ToolForm): SourceValue {
  return { way: hasHtml(tool) ? 'html' : 'file', files: [], others: [], url: '', html: sampleHtml };
}

/** The files and the text fields that a source stands for in the request. */
export function sourceFields(
  { fileField, list }: ToolForm,
  { files, html, others, url, way }: SourceValue,
) {
  const own = way === 'file' ? files.map((file) => ({ field: fileField, file })) : [];
  const second = list ? others.map((file) => ({ field: list.field, file })) : [];
  const texts: Record<string, string> = way === 'url' ? { url } : way === 'html' ? { html } : {};
  return { files: [...own, ...second], texts };
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
  const accept = tool.accepts.map((type) => fileTypes[type].mime);
  const hint = tool.accepts.map((type) => fileTypes[type].title).join(', ');
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
          label={tool.maxFiles === 1 ? 'Input file' : 'Input files'}
          accept={accept}
          hint={hint}
          max={tool.maxFiles}
          files={value.files}
          onFiles={(files) => onChange({ ...value, files })}
        />
      </TabPanel>
      {tool.list && (
        <div className="mt-4 grid gap-2">
          <h3 className="text-sm font-medium capitalize">{tool.list.field}</h3>
          <FileDrop
            label={`Files for ${tool.list.field}`}
            accept={accept}
            hint={hint}
            max={tool.list.maxFiles}
            files={value.others}
            onFiles={(others) => onChange({ ...value, others })}
            takesPaste={false}
          />
        </div>
      )}
    </Tabs>
  );
}
