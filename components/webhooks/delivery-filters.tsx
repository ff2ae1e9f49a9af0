'use client';

import { testEventType, webhookEventTypes } from '@nebula/contract/webhook-events';
import { Filters, SelectField } from '../ui/filters.tsx';
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
    <Filters isEmpty={isEmptyFilter(filter)} onClear={() => onChange(emptyFilter)}>
      <SelectField
        id="delivery-endpoint"
        label="Endpoint"
        value={filter.endpoint}
        onChange={(endpoint) => set({ endpoint })}
        options={[['', 'every endpoint'], ...endpoints.map(({ id, url }) => [id, url] as const)]}
      />
      <SelectField
        id="delivery-type"
        label="Event"
        value={filter.type}
        onChange={(type) => set({ type })}
        options={[['', 'every event'], ...webhookEventTypes, testEventType]}
      />
      <SelectField
        id="delivery-state"
        label="State"
        value={filter.state}
        onChange={(state) => set({ state })}
        options={[
          ['', 'every state'],
          ['pending', 'waiting'],
          ['succeeded', 'delivered'],
          'failed',
        ]}
      />
    </Filters>
  );
}
