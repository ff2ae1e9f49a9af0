'use client';

import type { Job } from '@nebula/contract/job';
import { useEffect, useState } from 'react';
import { codeSamples } from '../playground/code-samples.ts';
import { type FormSchema, withoutDefaults } from '../playground/form-schema.ts';
import type { ToolCall } from '../request-logs/tool-call.ts';
import { CodeTabs } from '../ui/code.tsx';
import { Section } from './job-timeline.tsx';
import { stepsCode } from './steps-code.ts';

/** A first call of a tool, and the defaults of its options. */
export type JobCall = ToolCall & { schemas: Record<string, FormSchema> };

/** The call that would begin such a job: its options where they are no defaults, its files by name. */
export function JobCode({ call, job }: { call: JobCall; job: Job }) {
  const [origin, setOrigin] = useState('');
  useEffect(() => setOrigin(location.origin), []);
  const { schemas, ...example } = call;
  const known = Object.entries(job.options_effective).filter(([name]) => name in schemas);
  const options = withoutDefaults(Object.fromEntries(known), schemas);
  const { html } = example.fields;
  const samples = codeSamples({
    ...example,
    origin,
    files: namedAs(example.files ?? [], job.input.files),
    fields: { ...(html === undefined ? {} : { html }), ...options },
  });
  return (
    <Section title="As code">
      <p className="text-sm text-soft">
        The same tool with the options of this job; put your own input where the sample has its.
      </p>
      <CodeTabs
        samples={samples.filter(({ label }) => label === 'cURL' || label === 'TypeScript')}
      />
    </Section>
  );
}

/** A job of several steps as one call. */
export function StepsCode({
  calls,
  steps,
}: {
  calls: Record<string, JobCall>;
  steps: NonNullable<Job['steps']>;
}) {
  const [origin, setOrigin] = useState('');
  useEffect(() => setOrigin(location.origin), []);
  return (
    <Section title="As code">
      <p className="text-sm text-soft">
        The same steps with the options of this job; put your own input where it has none.
      </p>
      <CodeTabs samples={stepsCode(steps, { calls, origin })} />
    </Section>
  );
}

/** The first field takes as many files as the job had, where the tool has no second one. */
function namedAs(fields: NonNullable<ToolCall['files']>, files: { filename: string }[]) {
  const [first, second] = fields;
  if (!first || second || files.length === 0) return fields;
  return files.map(({ filename }) => ({ field: first.field, name: filename }));
}
