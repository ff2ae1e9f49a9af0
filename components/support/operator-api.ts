'use client';

import { useState } from 'react';
import { useTRPCClient } from '../trpc.tsx';
import type { ThreadApi } from './thread-store.ts';

/** The procedures for somebody who answers. */
export function useOperatorApi(): ThreadApi {
  const { adminConversations } = useTRPCClient();
  const [api] = useState<ThreadApi>(() => ({
    side: 'operator',
    messages: (place) => adminConversations.messages.query(place),
    post: (id, { clientId, files, isPrivate = false, text }) =>
      adminConversations.reply.mutate({
        id,
        text,
        client_id: clientId,
        file_ids: files.map((file) => file.id),
        is_private: isPrivate,
      }),
    mark: (id, seq) => adminConversations.mark.mutate({ id, mark: 'read', seq }),
    typing: (id) => adminConversations.typing.mutate({ id }),
    open: (id, seq, fileId) => adminConversations.attachment.query({ id, seq, file_id: fileId }),
  }));
  return api;
}
