'use client';

import type { ToolId } from '@nebula/contract/tools';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Field, Input, Select } from '../ui/field.tsx';

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
    <search className="grid grid-cols-[repeat(auto-fit,minmax(10rem,1fr))] items-end gap-4">
      <Field htmlFor="log-tool" label="Tool">
        <Select
          id="log-tool"
          value={filter.tool}
          onChange={(event) => set({ tool: event.target.value as LogFilter['tool'] })}
        >
          <option value="">every tool</option>
          {tools.map((id) => (
            <option key={id}>{id}</option>
          ))}
        </Select>
      </Field>
      <Field htmlFor="log-status" label="Ended">
        <Select
          id="log-status"
          value={filter.status_class}
          onChange={(event) =>
            set({ status_class: event.target.value as LogFilter['status_class'] })
          }
        >
          <option value="">in every way</option>
          <option value="2xx">well (2xx)</option>
          <option value="4xx">refused (4xx)</option>
          <option value="5xx">failed (5xx)</option>
        </Select>
      </Field>
      <Field htmlFor="log-key" label="Key">
        <Select
          id="log-key"
          value={filter.key_id}
          onChange={(event) => set({ key_id: event.target.value })}
        >
          <option value="">every key</option>
          {keys.data?.data.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
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
      <Button
        kind="ghost"
        disabled={Object.values(filter).every((each) => each === '')}
        onClick={() => onChange(emptyFilter)}
      >
        Show all
      </Button>
    </search>
  );
}
