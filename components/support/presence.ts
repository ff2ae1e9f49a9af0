'use client';

import { conversationPresenceChannel } from '@nebula/contract/realtime';
import { usePresence } from '../realtime/realtime.tsx';

type Member = ReturnType<typeof usePresence>[number];

/** Whether somebody of this kind has the conversation open; whoever asks is seen there too. */
export function usePresenceOf(id: string, isMeant: (member: Member) => boolean): boolean {
  return usePresence(conversationPresenceChannel(id)).some(isMeant);
}
