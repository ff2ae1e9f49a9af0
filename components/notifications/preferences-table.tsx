'use client';

import {
  type NotificationChannel,
  type NotificationEvent,
  notificationChannels,
  notificationEventNames,
  notificationEvents,
} from '@nebula/contract/notifications';
import { useMutation, useMutationState, useQuery, useQueryClient } from '@tanstack/react-query';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Head, Row, Table, Td } from '../ui/table.tsx';
import { toast } from '../ui/toast.tsx';

const channelNames: Record<NotificationChannel, string> = {
  in_app: 'Here',
  email: 'By mail',
  push: 'Push',
};

/** What the account hears of, and how. */
export function PreferencesTable() {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const preferences = useQuery(trpc.notifications.preferences.queryOptions({}));
  const set = useMutation(
    trpc.notifications.setPreferences.mutationOptions({
      // One after the other: the last answer is that of the last choice.
      scope: { id: 'notification-preferences' },
      onSuccess: (data) =>
        cache.setQueryData(trpc.notifications.preferences.queryKey({}), () => data),
      onError: ({ message }) => void toast.error(message),
    }),
  );
  // What was just chosen is shown at once, before the answer.
  const onItsWay = useMutationState({
    filters: { mutationKey: trpc.notifications.setPreferences.mutationKey(), status: 'pending' },
    select: ({ state }) => state.variables as typeof set.variables,
  });
  return (
    <section className="grid gap-3">
      <h2 className="font-semibold">What you hear of</h2>
      <p className="text-sm text-soft">
        Mails about the safety of your account always come, and so do invoices and payments.
      </p>
      <QueryView query={preferences} height="h-64">
        {(chosen) => (
          <Table label="What you hear of">
            <Head
              columns={['Event', ...notificationChannels.map((channel) => channelNames[channel])]}
            />
            <tbody>
              {notificationEventNames.map((event) => (
                <Row key={event}>
                  <Td>{notificationEvents[event].label}</Td>
                  {notificationChannels.map((channel) => (
                    <Td key={channel}>
                      <Choice
                        channel={channel}
                        event={event}
                        isOn={onItsWay.reduce(
                          (isOn, change) => change?.preferences[event]?.[channel] ?? isOn,
                          chosen[event][channel],
                        )}
                        onChange={(isOn) =>
                          set.mutate({ preferences: { [event]: { [channel]: isOn } } })
                        }
                      />
                    </Td>
                  ))}
                </Row>
              ))}
            </tbody>
          </Table>
        )}
      </QueryView>
    </section>
  );
}

function Choice({
  channel,
  event,
  isOn,
  onChange,
}: {
  channel: NotificationChannel;
  event: NotificationEvent;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}) {
  const own = notificationEvents[event];
  if (own[channel] === 'always') return <span className="text-soft">always</span>;
  return (
    <input
      type="checkbox"
      aria-label={`${own.label}: ${channelNames[channel]}`}
      className="size-4 accent-accent"
      checked={isOn}
      onChange={({ target }) => onChange(target.checked)}
    />
  );
}
