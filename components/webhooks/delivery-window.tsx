'use client';

import { RotateCw } from 'lucide-react';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/code.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Time } from '../ui/time.tsx';
import { answerOf, type Delivery, DeliveryState } from './delivery-state.tsx';

type Props = {
  isBusy: boolean;
  onReplay: (id: string) => void;
  urlOf: (delivery: Delivery) => string | undefined;
};

/** A delivery in a window at the side: each attempt with its answer, and what was sent. */
export function DeliveryWindow({
  delivery,
  onClose,
  ...rest
}: Props & { delivery?: Delivery; onClose: () => void }) {
  return (
    <Dialog
      open={delivery !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={delivery?.type ?? ''}
      description={delivery && new Date(delivery.created_at).toUTCString()}
      className="top-0 right-0 left-auto h-dvh max-h-dvh w-[min(34rem,100vw)] translate-x-0 translate-y-0 rounded-none"
    >
      {delivery && <Details delivery={delivery} {...rest} />}
    </Dialog>
  );
}

function Details({ delivery, isBusy, onReplay, urlOf }: Props & { delivery: Delivery }) {
  const { attempts, event_id, id, next_attempt_at, payload } = delivery;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] content-start gap-6 text-sm">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <DeliveryState delivery={delivery} />
        <Button kind="secondary" size="small" disabled={isBusy} onClick={() => onReplay(id)}>
          <RotateCw className="size-4" aria-hidden /> Send again
        </Button>
      </div>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-6 gap-y-2">
        <dt className="text-faint">To</dt>
        <dd className="break-all">{urlOf(delivery) ?? 'an endpoint that was deleted'}</dd>
        <dt className="text-faint">webhook-id</dt>
        <dd className="flex min-w-0 items-center gap-2">
          <span className="min-w-0 truncate font-mono text-xs">{event_id}</span>
          <CopyButton label="the webhook-id" text={event_id} />
        </dd>
      </dl>
      <section className="grid grid-cols-[minmax(0,1fr)] gap-2">
        <h3 className="font-medium">Attempts</h3>
        <ol className="grid grid-cols-[minmax(0,1fr)] gap-3">
          {attempts.toReversed().map((attempt) => (
            <li key={attempt.at} className="grid grid-cols-[minmax(0,1fr)] gap-2">
              <p className="flex justify-between gap-4">
                <Time at={attempt.at} />
                <span className="tabular-nums">{answerOf(attempt)}</span>
              </p>
              {attempt.reply && <CodeBlock label="the answer" code={attempt.reply} />}
            </li>
          ))}
        </ol>
        {attempts.length === 0 && <p className="text-soft">None yet.</p>}
        {next_attempt_at && (
          <p className="text-soft">
            next try <Time at={next_attempt_at} />
          </p>
        )}
        <p className="text-xs text-faint">The first 4 KB of each answer are kept.</p>
      </section>
      <section className="grid grid-cols-[minmax(0,1fr)] gap-2">
        <h3 className="font-medium">What is sent</h3>
        <CodeBlock label="what is sent" code={JSON.stringify(JSON.parse(payload), null, 2)} />
      </section>
    </div>
  );
}
