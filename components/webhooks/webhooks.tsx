'use client';

import { webhookEvents } from '@nebula/contract/webhook-events';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, Webhook } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field, Input } from '../ui/field.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Secret } from '../ui/secret.tsx';
import { Deliveries } from './deliveries.tsx';
import { EndpointCard } from './endpoint-card.tsx';

/** Where events go, and what became of each. */
export function Webhooks() {
  const trpc = useTRPC();
  const endpoints = useQuery(trpc.webhookEndpoints.list.queryOptions({}));
  const [isMaking, setMaking] = useState(false);
  const [secret, setSecret] = useState<string>();
  return (
    <>
      <PageHeader
        title="Webhooks"
        actions={
          <Button onClick={() => setMaking(true)}>
            <Plus className="size-4" aria-hidden /> New endpoint
          </Button>
        }
      >
        Your server is told of events, signed by Standard Webhooks, and told again until it answers
        with 2xx.
      </PageHeader>
      <QueryView query={endpoints}>
        {({ data }) =>
          data.length === 0 ? (
            <EmptyState icon={Webhook} title="No endpoints yet">
              Add the address of your server, and it hears how each job ends.
            </EmptyState>
          ) : (
            <div className="grid gap-3">
              {data.map((endpoint) => (
                <EndpointCard key={endpoint.id} endpoint={endpoint} onSecret={setSecret} />
              ))}
            </div>
          )
        }
      </QueryView>
      <Deliveries endpoints={endpoints.data?.data ?? []} />
      <Dialog open={isMaking} onOpenChange={setMaking} title="New endpoint">
        <EndpointForm
          onMade={(made) => {
            setMaking(false);
            setSecret(made);
          }}
        />
      </Dialog>
      <Dialog
        open={secret !== undefined}
        onOpenChange={(open) => !open && setSecret(undefined)}
        title="The signing secret"
      >
        {secret && <Secret label="The secret" value={secret} />}
      </Dialog>
    </>
  );
}

function EndpointForm({ onMade }: { onMade: (secret: string) => void }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [events, setEvents] = useState<string[]>([]);
  const create = useMutation(
    trpc.webhookEndpoints.create.mutationOptions({
      onSuccess: ({ secret }) => {
        void cache.invalidateQueries({ queryKey: trpc.webhookEndpoints.pathKey() });
        onMade(secret);
      },
    }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const names = Object.keys(webhookEvents) as (keyof typeof webhookEvents)[];
    const wanted = names.filter((name) => events.includes(name));
    create.mutate({ url: String(form.get('url')), events: wanted });
  };
  const toggle = (name: string) =>
    setEvents((now) => (now.includes(name) ? now.filter((each) => each !== name) : [...now, name]));
  return (
    <form onSubmit={submit} className="grid gap-4 p-0.5">
      <Field htmlFor="endpoint-url" label="Address">
        <Input
          id="endpoint-url"
          name="url"
          type="url"
          required
          placeholder="https://example.com/webhooks"
        />
      </Field>
      <fieldset>
        <legend className="mb-2 text-sm font-medium">Events: none chosen means every one</legend>
        <div className="grid max-h-56 gap-2 overflow-y-auto rounded-lg border p-3">
          {Object.entries(webhookEvents).map(([name, sentence]) => (
            <label key={name} className="flex items-start gap-2.5 text-sm">
              <input
                type="checkbox"
                checked={events.includes(name)}
                onChange={() => toggle(name)}
                className="mt-0.5 size-4 accent-(--accent)"
              />
              <span>
                <span className="font-mono text-xs">{name}</span>
                <span className="block text-xs text-faint">{sentence}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      {create.error && <Alert kind="bad">{create.error.message}</Alert>}
      <Button type="submit" disabled={create.isPending}>
        Add the endpoint
      </Button>
    </form>
  );
}
