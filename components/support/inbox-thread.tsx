'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Badge, Card } from '../ui/card.tsx';
import { Select } from '../ui/field.tsx';
import { Switch } from '../ui/switch.tsx';
import { toast } from '../ui/toast.tsx';
import { CannedMenu } from './canned-menu.tsx';
import { CustomerFacts } from './customer-facts.tsx';
import { useOperatorApi } from './operator-api.ts';
import { usePresenceOf } from './presence.ts';
import { SaveTranscript } from './save-transcript.tsx';
import { ThreadView } from './thread-view.tsx';

/** One conversation as operators have it, with its customer beside it. */
export function InboxThread({ id, operatorId }: { id: string; operatorId: string }) {
  const trpc = useTRPC();
  const detail = useQuery(trpc.adminConversations.get.queryOptions({ id }));
  return (
    <QueryView query={detail} height="h-96">
      {({ conversation, customer }) => (
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-6 2xl:grid-cols-[minmax(0,1fr)_16rem]">
          <Conversation conversation={conversation} operatorId={operatorId} />
          <CustomerFacts customer={customer} email={conversation.account.email} />
        </div>
      )}
    </QueryView>
  );
}

type Detail = {
  id: string;
  subject: string;
  status: 'open' | 'pending' | 'closed';
  account: { id: string; name: string };
  assignee: string | null;
  assignee_id: string | null;
  marks: { customer: { delivered_seq: number; read_seq: number } };
};

function Conversation({ conversation, operatorId }: { conversation: Detail; operatorId: string }) {
  const { account, id, marks, subject } = conversation;
  const api = useOperatorApi();
  const isCustomerHere = usePresenceOf(id, (member) => member.id === account.id);
  return (
    <Card
      aria-label={`Conversation: ${subject}`}
      className="flex h-[min(44rem,80dvh)] flex-col overflow-hidden p-0 sm:p-0"
    >
      <div className="flex flex-wrap items-center gap-2 border-b px-4 py-3">
        <div className="mr-auto min-w-0">
          <h2 className="truncate font-medium">{subject}</h2>
          <p className="flex flex-wrap items-center gap-2 text-xs text-soft">
            {account.name}
            <Badge tone={isCustomerHere ? 'good' : 'plain'}>
              {isCustomerHere ? 'has it open' : 'away'}
            </Badge>
          </p>
        </div>
        <SaveTranscript api={api} id={id} subject={subject} />
        <Actions conversation={conversation} operatorId={operatorId} />
      </div>
      <ThreadView
        key={id}
        api={api}
        id={id}
        marks={marks.customer}
        tools={(draft, change) => (
          <>
            <CannedMenu
              onChoose={(text) =>
                change({ ...draft, text: draft.text ? `${draft.text}\n${text}` : text })
              }
            />
            <div className="flex items-center gap-2 px-2 text-sm">
              <Switch
                id="private-note"
                checked={draft.isPrivate ?? false}
                onCheckedChange={(isPrivate) => change({ ...draft, isPrivate })}
              />
              <label htmlFor="private-note">Private note</label>
            </div>
          </>
        )}
      />
    </Card>
  );
}

function Actions({ conversation, operatorId }: { conversation: Detail; operatorId: string }) {
  const { assignee, assignee_id, id, status } = conversation;
  const trpc = useTRPC();
  const queries = useQueryClient();
  const update = useMutation(
    trpc.adminConversations.update.mutationOptions({
      onSettled: () => queries.invalidateQueries(trpc.adminConversations.pathFilter()),
      onError: ({ message }) => toast.error(message),
    }),
  );
  const here = useQuery(trpc.operators.list.queryOptions());
  const names = new Map((here.data?.data ?? []).map((one) => [one.id, one.name]));
  if (assignee_id && assignee) names.set(assignee_id, assignee);
  names.set(operatorId, 'Me');
  return (
    <div className="flex flex-wrap items-center gap-2 text-sm">
      <Select
        aria-label="Who answers"
        className="h-8 w-auto max-w-40 py-0 text-sm"
        disabled={update.isPending}
        value={assignee_id ?? ''}
        onChange={({ target }) => update.mutate({ id, assignee_id: target.value || null })}
      >
        <option value="">Nobody answers yet</option>
        {[...names].map(([each, name]) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </Select>
      <Button
        kind="secondary"
        size="small"
        disabled={update.isPending}
        onClick={() => update.mutate({ id, status: status === 'closed' ? 'open' : 'closed' })}
      >
        {status === 'closed' ? 'Open again' : 'Close'}
      </Button>
    </div>
  );
}
