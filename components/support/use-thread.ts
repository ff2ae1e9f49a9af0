'use client';

import { conversationChannel } from '@nebula/contract/realtime';
import { useEffect, useEffectEvent, useState, useSyncExternalStore } from 'react';
import { useChannelEvent, useIsLive, useReconnect } from '../realtime/realtime.tsx';
import {
  createThread,
  type Page,
  type Thread,
  type ThreadApi,
  type ThreadState,
} from './thread-store.ts';

const deafMilliseconds = 4_000;
const liveMilliseconds = 30_000;

/** The messages of a conversation, kept up to date while the page shows them. */
export function useThread(
  api: ThreadApi,
  id: string,
  first?: Page,
): { state: ThreadState; thread: Thread } {
  const [thread] = useState(() => createThread(api, id, first));
  const state = useSyncExternalStore(thread.subscribe, thread.getState, thread.getState);
  const channel = conversationChannel(id);
  const isLive = useIsLive(channel);
  const refresh = () => void thread.catchUp();
  useChannelEvent(channel, 'message.created', refresh);
  useReconnect(refresh, channel);
  useEffect(() => {
    void thread.catchUp();
    // Events may be lost without a break; who is not told asks more often.
    const timer = setInterval(
      () => void thread.catchUp(),
      isLive ? liveMilliseconds : deafMilliseconds,
    );
    return () => clearInterval(timer);
  }, [thread, isLive]);
  useEffect(() => {
    const comeBack = () => {
      void thread.retry();
      void thread.catchUp();
    };
    window.addEventListener('online', comeBack);
    return () => window.removeEventListener('online', comeBack);
  }, [thread]);
  useReadMark(api, id, state);
  return { state, thread };
}

/** Says how far was read: up to what is on a page that somebody looks at. */
function useReadMark(api: ThreadApi, id: string, { messages }: ThreadState): void {
  const last = messages.findLast(({ by }) => by !== api.side)?.seq ?? 0;
  const [marked, setMarked] = useState(0);
  const mark = useEffectEvent(() => {
    if (last <= marked || document.visibilityState !== 'visible') return;
    setMarked(last);
    // The next message, or the next look at the page, tries again.
    api.mark(id, last).catch(() => setMarked(0));
  });
  useEffect(() => {
    if (last > 0) mark();
    document.addEventListener('visibilitychange', mark);
    return () => document.removeEventListener('visibilitychange', mark);
  }, [last]);
}

const typingMilliseconds = 5_000;
const typingEvery = 2_500;

/** Who on the other side is writing at this moment. */
export function useTyping(id: string, side: ThreadApi['side']): string | undefined {
  const [typist, setTypist] = useState<{ name: string; at: number }>();
  const channel = conversationChannel(id);
  useChannelEvent(channel, 'typing', ({ by, name }) => {
    if (by !== side) setTypist({ name: String(name), at: Date.now() });
  });
  useChannelEvent(channel, 'message.created', ({ by }) => {
    if (by !== side) setTypist(undefined);
  });
  useEffect(() => {
    if (!typist) return;
    const timer = setTimeout(() => setTypist(undefined), typingMilliseconds);
    return () => clearTimeout(timer);
  }, [typist]);
  return typist?.name;
}

/** Tells the other side now and then that somebody is writing. */
export function useTypingHint(api: ThreadApi, id: string): () => void {
  const [sent] = useState(() => ({ at: 0 }));
  return () => {
    if (Date.now() - sent.at < typingEvery) return;
    sent.at = Date.now();
    api.typing(id).catch(() => {});
  };
}
