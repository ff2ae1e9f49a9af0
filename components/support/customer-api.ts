'use client';

import { useState } from 'react';
import { useTRPCClient } from '../trpc.tsx';
import type { ThreadApi } from './thread-store.ts';

/** The procedures for somebody who asks. */
export function useCustomerApi(): ThreadApi {
  const { conversations } = useTRPCClient();
  const [api] = useState<ThreadApi>(() => ({
    side: 'customer',
    messages: (place) => conversations.messages.query(place),
    post: (id, { clientId, files, jobId, text }) =>
      conversations.post.mutate({
        id,
        text,
        client_id: clientId,
        file_ids: files.map((file) => file.id),
        ...(jobId === undefined ? {} : { job_id: jobId }),
      }),
    mark: (id, seq) => conversations.mark.mutate({ id, mark: 'read', seq }),
    typing: (id) => conversations.typing.mutate({ id }),
    open: (id, seq, fileId) => conversations.attachment.query({ id, seq, file_id: fileId }),
  }));
  return api;
}
