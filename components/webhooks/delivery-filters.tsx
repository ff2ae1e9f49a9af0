'use client';

import { testEventType, webhookEventTypes } from '@nebula/contract/webhook-events';
import { Button } from '../ui/button.tsx';
import { Field, Select } from '../ui/field.tsx';
import type { Delivery } from './delivery-state.tsx';

type EventType = (typeof webhookEventTypes)[number] | typeof testEventType;

/** Empty where everything passes. */
export type DeliveryFilter = {
  endpoint: string;
  state: '' | Delivery['state'];
  type: '' | EventType;
};

export const emptyFilter: DeliveryFilter = { endpoint: '', state: '', type: '' };

export const isEmptyFilter = (filter: DeliveryFilter): boolean =>
  Object.values(filter).every((each) => each === '');

/** Which deliveries to show. */
export function DeliveryFilters({
  endpoints,
  filter,
  onChange,
}: {
  endpoints: { id: string; url: string }[];
  filter: DeliveryFilter;
  onChange: (filter: DeliveryFilter) => void;
}) {
  const set = (part: Partial<DeliveryFilter>) => onChange({ ...filter, ...part });
  return (
    <search className="grid grid-cols-[repeat(auto-fit,minmax(10rem,1fr))] items-end gap-4">
      <Field htmlFor="delivery-endpoint" label="Endpoint">
        <Select
          id="delivery-endpoint"
          value={filter.endpoint}
          onChange={(event) => set({ endpoint: event.target.value })}
        >
          <option value="">every endpoint</option>
          {endpoints.map(({ id, url }) => (
            <option key={id} value={id}>
              {url}
            </option>
          ))}
        </Select>
      </Field>
      <Field htmlFor="delivery-type" label="Event">
        <Select
          id="delivery-type"
          value={filter.type}
          onChange={(event) => set({ type: event.target.value as DeliveryFilter['type'] })}
        >
          <option value="">every event</option>
          {[...webhookEventTypes, testEventType].map((type) => (
            <option key={type}>{type}</option>
          ))}
        </Select>
      </Field>
      <Field htmlFor="delivery-state" label="State">
        <Select
          id="delivery-state"
          value={filter.state}
          onChange={(event) => set({ state: event.target.value as DeliveryFilter['state'] })}
        >
          <option value="">every state</option>
          <option value="pending">waiting</option>
          <option value="succeeded">delivered</option>
          <option value="failed">failed</option>
        </Select>
      </Field>
      <Button kind="ghost" disabled={isEmptyFilter(filter)} onClick={() => onChange(emptyFilter)}>
        Show all
      </Button>
    </search>
  );
}
