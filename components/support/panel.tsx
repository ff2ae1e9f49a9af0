'use client';

import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, LifeBuoy, Plus } from 'lucide-react';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Badge } from '../ui/card.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Input } from '../ui/field.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Time } from '../ui/time.tsx';
import { AttachJob } from './attach-job.tsx';
import { useCustomerApi } from './customer-api.ts';
import { NewConversation } from './new-conversation.tsx';
import { usePresenceOf } from './presence.ts';
import { SaveTranscript } from './save-transcript.tsx';
import type { Page } from './thread-store.ts';
import { ThreadView } from './thread-view.tsx';
import type { Conversations } from './use-conversations.ts';

type List = NonNullable<Conversations['conversations']['data']>['pages'][number];
type Conversation = List['data'][number];

/** The conversations, one of them, or a new one. */
export function SupportPanel({
  conversations,
  onShow,
  shown,
}: {
  conversations: Conversations;
  onShow: (id: string | undefined) => void;
  shown: string | undefined;
}) {
  const [isNew, setNew] = useState(false);
  /** What a conversation that was just begun has in it. */
  const [begun, setBegun] = useState<{ id: string; page: Page }>();
  if (isNew)
    return (
      <>
        <Back onClick={() => setNew(false)} />
        <NewConversation
          onBegun={(id, page) => {
            setNew(false);
            setBegun({ id, page });
            onShow(id);
          }}
        />
      </>
    );
  if (shown !== undefined)
    return (
      <Shown
        key={shown}
        id={shown}
        first={begun?.id === shown ? begun.page : undefined}
        onBack={() => onShow(undefined)}
      />
    );
  return (
    <div className="grid min-h-0 flex-1 content-start gap-3 overflow-y-auto p-4">
      <QueryView query={conversations.conversations}>
        {({ pages }) => (
          <>
            {pages[0] && <Office office={pages[0].office} />}
            <Button onClick={() => setNew(true)}>
              <Plus className="size-4" aria-hidden /> New conversation
            </Button>
            <ConversationList
              conversations={conversations}
              data={pages.flatMap(({ data }) => data)}
              onShow={onShow}
            />
          </>
        )}
      </QueryView>
    </div>
  );
}

/** One conversation, also one that no page of the list has yet. */
function Shown({ first, id, onBack }: { id: string; first?: Page; onBack: () => void }) {
  const trpc = useTRPC();
  const conversation = useQuery(trpc.conversations.get.queryOptions({ id }));
  if (!conversation.data && conversation.error) return <Gone onBack={onBack} />;
  return (
    <QueryView query={conversation}>
      {(data) => <Thread conversation={data} first={first} onBack={onBack} />}
    </QueryView>
  );
}

function Gone({ onBack }: { onBack: () => void }) {
  return (
    <>
      <Back onClick={onBack} />
      <p className="px-4 text-sm text-soft">This conversation cannot be shown.</p>
    </>
  );
}

function Office({ office: { hours, is_open, opens_at, timezone } }: { office: List['office'] }) {
  return (
    <p className="text-sm text-soft">
      {hours === null ? (
        'We answer as soon as we can. You can leave this page: the answer also comes by mail.'
      ) : is_open ? (
        'Somebody is there. You can leave this page: the answer also comes by mail.'
      ) : (
        <>
          Nobody is there now; we answer {hours} ({timezone}), again{' '}
          {opens_at && <Time at={opens_at} />}.
        </>
      )}
    </p>
  );
}

/** So many are overlooked at once; from then on they can be searched. */
const fewRows = 5;

function ConversationList({
  conversations: { conversations, q, setQ },
  data,
  onShow,
}: {
  conversations: Conversations;
  data: Conversation[];
  onShow: (id: string) => void;
}) {
  if (data.length === 0 && q === '')
    return (
      <EmptyState icon={LifeBuoy} title="No conversations yet">
        Ask us anything. With a job attached we see what went wrong without asking back.
      </EmptyState>
    );
  return (
    <>
      {(data.length > fewRows || q !== '') && (
        <Input
          type="search"
          aria-label="Find a conversation by its words"
          placeholder="Find by words"
          value={q}
          maxLength={100}
          onChange={(event) => setQ(event.target.value)}
        />
      )}
      {data.length === 0 && <p className="text-sm text-soft">Nothing is found.</p>}
      <Rows data={data} onShow={onShow} />
      <LoadMore list={conversations} />
    </>
  );
}

function Rows({ data, onShow }: { data: Conversation[]; onShow: (id: string) => void }) {
  return (
    <ul className="grid gap-1">
      {data.map(({ id, last_message, status, subject, unread }) => (
        <li key={id}>
          <button
            type="button"
            onClick={() => onShow(id)}
            className="grid w-full min-w-0 gap-0.5 rounded-xl px-3 py-2 text-left text-sm hover:bg-raised"
          >
            <span className="flex min-w-0 items-center gap-2">
              <span className="min-w-0 flex-1 truncate font-medium">{subject}</span>
              {status === 'closed' && <Badge>closed</Badge>}
              {unread > 0 && <Badge tone="warn">{unread} new</Badge>}
            </span>
            <span className="truncate text-soft">
              {last_message.by === 'customer' && 'You: '}
              {last_message.text}
            </span>
            <span className="text-xs text-faint">
              <Time at={last_message.at} />
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Thread({
  conversation,
  first,
  onBack,
}: {
  conversation: Conversation;
  first?: Page;
  onBack: () => void;
}) {
  const { assignee, id, marks, status, subject } = conversation;
  const api = useCustomerApi();
  const isSupportHere = usePresenceOf(id, ({ info }) => info.role === 'admin');
  return (
    <>
      <div className="flex items-center gap-1 border-b pr-2">
        <Back onClick={onBack} />
        <div className="mr-auto min-w-0 py-2">
          <h2 className="truncate text-sm font-medium">{subject}</h2>
          <p className="truncate text-xs text-soft">
            {status === 'closed' ? 'Closed; write to open it again' : (assignee ?? 'The support')}
            {isSupportHere && ' · here now'}
          </p>
        </div>
        <SaveTranscript api={api} id={id} subject={subject} />
      </div>
      <ThreadView
        api={api}
        id={id}
        first={first}
        marks={marks.operator}
        tools={(draft, change) => <AttachJob onJob={(jobId) => change({ ...draft, jobId })} />}
      />
    </>
  );
}

function Back({ onClick }: { onClick: () => void }) {
  return (
    <Button
      kind="ghost"
      size="icon"
      aria-label="Back to the conversations"
      className="m-1 shrink-0"
      onClick={onClick}
    >
      <ArrowLeft className="size-4" aria-hidden />
    </Button>
  );
}
