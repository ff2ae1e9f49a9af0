/** A message as the server has it. */
export type Message = {
  conversation_id: string;
  seq: number;
  by: Side;
  author: string;
  text: string;
  files: { id: string; filename: string; type: string; size: number }[];
  job: AttachedJob | null;
  client_id: string | null;
  is_private: boolean;
  created_at: string;
};

export type AttachedJob = {
  id: string;
  tool: string;
  status: string;
  input: { files: { filename: string; size: number }[] };
  options: Record<string, unknown>;
  error: { code: string; message: string } | null;
};

export type Side = 'customer' | 'operator';

/** What somebody wants to say. */
export type Draft = {
  text: string;
  files: { id: string; filename: string }[];
  jobId?: string;
  isPrivate?: boolean;
};

/** A message that is on its way; it keeps its id, so that the server stores it once. */
export type Outgoing = Draft & { clientId: string; error?: string };

export type Page = { data: Message[]; has_more: boolean };
type Place = { id: string; after?: number; before?: number; limit: number };

/** The procedures of one side. */
export type ThreadApi = {
  side: Side;
  messages: (place: Place) => Promise<Page>;
  post: (id: string, outgoing: Outgoing) => Promise<Message>;
  mark: (id: string, seq: number) => Promise<unknown>;
  typing: (id: string) => Promise<unknown>;
  open: (id: string, seq: number, fileId: string) => Promise<{ url: string }>;
};

export type ThreadState = {
  /** By sequence number, each once. */
  messages: readonly Message[];
  outgoing: readonly Outgoing[];
  isLoaded: boolean;
  hasOlder: boolean;
  /** Why the messages could not be fetched. */
  error?: string;
};

export type Thread = ReturnType<typeof createThread>;

const pageSize = 50;

/** Messages by their place; one that comes twice is there once. */
export function mergeMessages(known: readonly Message[], more: readonly Message[]): Message[] {
  const bySeq = new Map([...known, ...more].map((message) => [message.seq, message]));
  return [...bySeq.values()].sort((one, two) => one.seq - two.seq);
}

/**
 * The messages of one conversation on one page. What is written is shown at once and sent in order;
 * what was missed is asked for by the last number that is surely complete.
 */
export function createThread(
  api: Pick<ThreadApi, 'messages' | 'post'>,
  id: string,
  /** The newest messages, where they are known. */
  first?: Page,
) {
  let state: ThreadState = {
    messages: first?.data ?? [],
    outgoing: [],
    isLoaded: first !== undefined,
    hasOlder: first?.has_more ?? false,
  };
  const listeners = new Set<() => void>();
  /** Everything up to here is there; an own message may be there before those in front of it. */
  let completeTo: number | undefined = first && (first.data.at(-1)?.seq ?? 0);
  let fetching: Promise<void> | undefined;
  let isFetchWanted = false;
  let isSending = false;

  const set = (change: Partial<ThreadState>) => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };

  const add = (more: readonly Message[]) => {
    const messages = mergeMessages(state.messages, more);
    const stored = new Set(messages.map(({ client_id }) => client_id));
    const outgoing = state.outgoing.filter(({ clientId }) => !stored.has(clientId));
    set({ messages, outgoing });
  };

  const fetchNew = async () => {
    for (;;) {
      const place = completeTo === undefined ? {} : { after: completeTo };
      const { data, has_more } = await api.messages({ id, ...place, limit: pageSize });
      const isFirst = completeTo === undefined;
      add(data);
      completeTo = data.at(-1)?.seq ?? completeTo ?? 0;
      set({ isLoaded: true, error: undefined, ...(isFirst ? { hasOlder: has_more } : {}) });
      if (isFirst || !has_more) return;
    }
  };

  /** Fetches what is new; asked for meanwhile, it looks once more. */
  const catchUp = (): Promise<void> => {
    isFetchWanted = true;
    fetching ??= (async () => {
      while (isFetchWanted) {
        isFetchWanted = false;
        await fetchNew().catch((error: Error) => set({ error: error.message }));
      }
      fetching = undefined;
    })();
    return fetching;
  };

  const flush = async () => {
    if (isSending) return;
    isSending = true;
    // One after the other, so that what was written first is stored first.
    for (;;) {
      const next = state.outgoing[0];
      if (!next || next.error !== undefined) break;
      try {
        add([await api.post(id, next)]);
      } catch (error) {
        replace(next.clientId, { error: error instanceof Error ? error.message : String(error) });
      }
    }
    isSending = false;
  };

  const replace = (clientId: string, change: Pick<Outgoing, 'error'>) =>
    set({
      outgoing: state.outgoing.map((each) =>
        each.clientId === clientId ? { ...each, ...change } : each,
      ),
    });

  return {
    getState: () => state,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    catchUp,
    loadOlder: async () => {
      const before = state.messages[0]?.seq;
      const { data, has_more } = await api.messages({ id, before, limit: pageSize });
      add(data);
      set({ hasOlder: has_more });
    },
    send: (draft: Draft) => {
      set({ outgoing: [...state.outgoing, { ...draft, clientId: crypto.randomUUID() }] });
      return flush();
    },
    /** Sends again what was not taken. */
    retry: () => {
      for (const { clientId } of state.outgoing) replace(clientId, { error: undefined });
      return flush();
    },
    discard: (clientId: string) => {
      set({ outgoing: state.outgoing.filter((each) => each.clientId !== clientId) });
      return flush();
    },
  };
}
