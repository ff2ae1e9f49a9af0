'use client';

import { type RealtimeEvent, type RealtimeSettings, userChannel } from '@nebula/contract/realtime';
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useEffectEvent,
  useState,
  useSyncExternalStore,
} from 'react';
import { useTRPCClient } from '../trpc.tsx';
import { createRealtime, type Handler, type Member, type Realtime } from './connection.ts';

type Value = { realtime: Realtime; ownChannel: string };

const RealtimeContext = createContext<Value | undefined>(undefined);

/**
 * Gives the pages below it live events, over one connection that is made when a page first asks for
 * one. Without settings nothing is heard, and pages ask again by themselves.
 */
export function RealtimeProvider({
  accountId,
  children,
  settings,
}: {
  accountId: string;
  children: ReactNode;
  settings: RealtimeSettings | undefined;
}) {
  const client = useTRPCClient();
  const [value] = useState(() => {
    if (!settings) return undefined;
    const realtime = createRealtime(settings, (input) => client.realtime.authorize.mutate(input));
    return { realtime, ownChannel: userChannel(accountId) };
  });
  useEffect(() => () => value?.realtime.close(), [value]);
  return <RealtimeContext value={value}>{children}</RealtimeContext>;
}

/**
 * Calls the handler at each event of a channel, once for each event.
 *
 * @param channel the channel; undefined listens to nothing
 * @example
 * useChannelEvent(jobChannel(id), 'job.updated', () => query.refetch());
 */
export function useChannelEvent(
  channel: string | undefined,
  event: RealtimeEvent,
  handler: Handler,
): void {
  const realtime = useContext(RealtimeContext)?.realtime;
  const onEvent = useEffectEvent(handler);
  useEffect(() => {
    if (!channel) return;
    return realtime?.listen(channel, event, (data) => onEvent(data));
  }, [channel, event, realtime]);
}

/** Calls the handler at each event of the account that is signed in. */
export function useOwnEvent(event: RealtimeEvent, handler: Handler): void {
  useChannelEvent(useContext(RealtimeContext)?.ownChannel, event, handler);
}

/**
 * Calls the handler whenever a channel is heard from now on: when it was joined, and after each
 * break. What happened before that was not heard, so fetch from the cursor that you have.
 *
 * @param channel the account's own channel unless said
 */
export function useReconnect(handler: () => void, channel?: string): void {
  const value = useContext(RealtimeContext);
  const onLive = useEffectEvent(handler);
  const name = channel ?? value?.ownChannel;
  useEffect(() => {
    if (name) return value?.realtime.onLive(name, () => onLive());
  }, [name, value]);
}

/** Whether a channel is heard now; a page that is not told asks more often. */
export function useIsLive(channel?: string): boolean {
  const value = useContext(RealtimeContext);
  const name = channel ?? value?.ownChannel;
  return useSyncExternalStore(
    (onChange) => (name && value?.realtime.onChange(name, onChange)) || (() => {}),
    () => (name && value?.realtime.isLive(name)) || false,
    () => false,
  );
}

const nobody: readonly Member[] = [];

/** Who has a presence channel open, oneself among them. */
export function usePresence(channel: string): readonly Member[] {
  const realtime = useContext(RealtimeContext)?.realtime;
  return useSyncExternalStore(
    (onChange) => realtime?.onChange(channel, onChange) ?? (() => {}),
    () => realtime?.members(channel) ?? nobody,
    () => nobody,
  );
}
