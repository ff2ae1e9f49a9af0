import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTRPC } from '../trpc.tsx';
import { partBytes, sendParts } from './send-parts.ts';

/** A file on its way into the store. */
export type Upload = {
  key: number;
  name: string;
  size: number;
  /** Bytes that have gone. */
  sent: number;
  phase: 'waiting' | 'sending' | 'checking' | 'failed';
  problem?: string;
};

/** Sends files straight to the store, one after another, and keeps those that are not there yet. */
export function useUploads() {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const begin = useMutation(trpc.uploads.create.mutationOptions());
  const complete = useMutation(trpc.uploads.complete.mutationOptions());
  const remove = useMutation(trpc.files.delete.mutationOptions());
  const [uploads, setUploads] = useState<Upload[]>([]);
  const controllers = useRef(new Map<number, AbortController>());
  const count = useRef(0);
  const line = useRef(Promise.resolve());

  const change = (key: number, to: Partial<Upload>) =>
    setUploads((all) => all.map((each) => (each.key === key ? { ...each, ...to } : each)));
  const drop = (key: number) => {
    controllers.current.get(key)?.abort();
    controllers.current.delete(key);
    setUploads((all) => all.filter((each) => each.key !== key));
  };

  const send = async (key: number, file: File, signal: AbortSignal) => {
    if (signal.aborted) return;
    let id: string | undefined;
    try {
      change(key, { phase: 'sending' });
      const part_size = file.size > partBytes ? partBytes : undefined;
      const upload = await begin.mutateAsync({ filename: file.name, size: file.size, part_size });
      id = upload.id;
      await sendParts(file, upload, { signal, report: (sent) => change(key, { sent }) });
      change(key, { phase: 'checking' });
      await complete.mutateAsync({ id });
      await cache.invalidateQueries({ queryKey: trpc.files.pathKey() });
      drop(key);
    } catch (error) {
      // What was sent of it goes at once; otherwise the store would hold it for an hour.
      if (id !== undefined) remove.mutate({ id });
      if (signal.aborted) return;
      const problem = error instanceof Error ? error.message : 'It did not work. Send it again.';
      change(key, { phase: 'failed', problem });
    }
  };

  const add = (files: File[]) => {
    for (const file of files) {
      count.current += 1;
      const key = count.current;
      const controller = new AbortController();
      controllers.current.set(key, controller);
      const { name, size } = file;
      setUploads((all) => [...all, { key, name, size, sent: 0, phase: 'waiting' }]);
      line.current = line.current.then(() => send(key, file, controller.signal));
    }
  };

  return { uploads, add, drop };
}
