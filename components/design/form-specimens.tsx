'use client';

import { useState } from 'react';
import { describedBy, Field, Input, Select, TextArea } from '../ui/field.tsx';
import { FileDrop } from '../ui/file-drop.tsx';
import { Filters, SelectField } from '../ui/filters.tsx';
import { NumberInput } from '../ui/number.tsx';
import { Switch } from '../ui/switch.tsx';
import { Tab, TabList, TabPanel, Tabs } from '../ui/tabs.tsx';

/** Controls with a hint, an error, and a state of their own. */
export function FormSpecimens({ theme }: { theme: string }) {
  const [isOn, setOn] = useState(true);
  const [quality, setQuality] = useState<number>();
  const [files, setFiles] = useState<File[]>([]);
  const [state, setState] = useState<'' | 'failed' | 'succeeded'>('');
  const id = (name: string) => `${theme}-${name}`;
  return (
    <div className="grid gap-4">
      <Field htmlFor={id('name')} label="Name" hint="You will read it in the logs.">
        <Input id={id('name')} aria-describedby={describedBy(id('name'))} placeholder="laptop" />
      </Field>
      <Field htmlFor={id('scale')} label="Scale" error="Expected 0.1 to 2, received 9.">
        <Input
          id={id('scale')}
          defaultValue="9"
          aria-invalid
          aria-describedby={describedBy(id('scale'))}
        />
      </Field>
      <Field htmlFor={id('mode')} label="Mode">
        <Select id={id('mode')}>
          <option>live</option>
          <option>test</option>
        </Select>
      </Field>
      <Field htmlFor={id('html')} label="HTML">
        <TextArea id={id('html')} defaultValue="<h1>Hello</h1>" />
      </Field>
      <Field htmlFor={id('quality')} label="Quality">
        <NumberInput
          id={id('quality')}
          isWhole
          min={1}
          max={100}
          initial={80}
          value={quality}
          onChange={setQuality}
        />
      </Field>
      <FileDrop
        label={`File, ${theme}`}
        hint="PDF, up to 10 MB"
        accept={['application/pdf']}
        files={files}
        onFiles={setFiles}
        takesPaste={false}
      />
      <Filters isEmpty={state === ''} onClear={() => setState('')}>
        <SelectField
          id={id('state')}
          label="State"
          value={state}
          onChange={setState}
          options={[['', 'every state'], 'succeeded', 'failed']}
        />
      </Filters>
      <div className="flex items-center gap-3 text-sm">
        <Switch id={id('switch')} checked={isOn} onCheckedChange={setOn} />
        <label htmlFor={id('switch')}>Print the background</label>
      </div>
      <Tabs defaultValue="day">
        <TabList aria-label={`Period, ${theme}`}>
          <Tab value="day">By day</Tab>
          <Tab value="month">By month</Tab>
        </TabList>
        <TabPanel value="day" className="text-sm text-soft">
          What is told by day.
        </TabPanel>
        <TabPanel value="month" className="text-sm text-soft">
          What is told by month.
        </TabPanel>
      </Tabs>
    </div>
  );
}
