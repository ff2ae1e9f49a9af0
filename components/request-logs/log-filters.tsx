'use client';

import type { ToolId } from '@nebula/contract/tools';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../trpc.tsx';
import { Field, Input } from '../ui/field.tsx';
import { Filters, SelectField } from '../ui/filters.tsx';

/** Empty where everything passes; moments are as the inputs have them. */
export type LogFilter = {
  tool: '' | ToolId;
  status_class: '' | '2xx' | '4xx' | '5xx';
  key_id: string;
  from: string;
  to: string;
};

export const emptyFilter: LogFilter = { tool: '', status_class: '', key_id: '', from: '', to: '' };

/** Which calls to show. */
export function LogFilters({
  filter,
  onChange,
  tools,
}: {
  filter: LogFilter;
  onChange: (filter: LogFilter) => void;
  tools: ToolId[];
}) {
  const trpc = useTRPC();
  const keys = useQuery(trpc.apiKeys.list.queryOptions({}));
  const set = (part: Partial<LogFilter>) => onChange({ ...filter, ...part });
  return (
    <Filters
      isEmpty={Object.values(filter).every((each) => each === '')}
      onClear={() => onChange(emptyFilter)}
    >
      <SelectField
        id="log-tool"
        label="Tool"
        value={filter.tool}
        onChange={(tool) => set({ tool })}
        options={[['', 'every tool'], ...tools]}
      />
      <SelectField
        id="log-status"
        label="Ended"
        value={filter.status_class}
        onChange={(status_class) => set({ status_class })}
        options={[
          ['', 'in every way'],
          ['2xx', 'well (2xx)'],
          ['4xx', 'refused (4xx)'],
          ['5xx', 'failed (5xx)'],
        ]}
      />
      <SelectField
        id="log-key"
        label="Key"
        value={filter.key_id}
        onChange={(key_id) => set({ key_id })}
        options={[
          ['', 'every key'],
          ...(keys.data?.data ?? []).map(({ id, name }) => [id, name] as const),
        ]}
      />
      <Field htmlFor="log-from" label="From">
        <Input
          id="log-from"
          type="datetime-local"
          value={filter.from}
          max={filter.to || undefined}
          onChange={(event) => set({ from: event.target.value })}
        />
      </Field>
      <Field htmlFor="log-to" label="To">
        <Input
          id="log-to"
          type="datetime-local"
          value={filter.to}
          min={filter.from || undefined}
          onChange={(event) => set({ to: event.target.value })}
        />
      </Field>
    </Filters>
  );
}
