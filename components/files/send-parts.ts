import type { PublicUpload } from '@nebula/contract/stored-file';

/** Above this a file goes in parts of this size, so that a broken line costs one part. */
export const partBytes = 8 * 1024 * 1024;

const atOnce = 3;
const maxAttempts = 3;

/**
 * Sends the bytes of a file to the addresses of its upload. XHR, because fetch tells nothing of an
 * upload on its way.
 *
 * @param report hears how many bytes have gone so far
 * @throws Error that says to a person what happened, `AbortError` where the signal stopped it
 */
export async function sendParts(
  file: Blob,
  upload: Pick<PublicUpload, 'parts' | 'size' | 'url'>,
  { report, signal }: { report: (bytes: number) => void; signal: AbortSignal },
): Promise<void> {
  const parts = upload.url
    ? [{ offset: 0, size: upload.size, url: upload.url }]
    : [...upload.parts];
  const sent = new Map<number, number>();
  const note = (offset: number, bytes: number) => {
    sent.set(offset, bytes);
    report([...sent.values()].reduce((sum, each) => sum + each, 0));
  };
  const own = new AbortController();
  const stop = AbortSignal.any([signal, own.signal]);
  const work = async () => {
    for (let part = parts.shift(); part; part = parts.shift()) {
      const { offset, size, url } = part;
      const body = file.slice(offset, offset + size);
      await sendPatiently({ url, body, signal: stop, report: (bytes) => note(offset, bytes) });
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    // Where one part has failed for good, the others are sent for nothing.
    own.abort();
  }
}

type Part = { url: string; body: Blob; signal: AbortSignal; report: (bytes: number) => void };

async function sendPatiently(part: Part): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const status = await put(part);
    if (status >= 200 && status < 300) return part.report(part.body.size);
    part.report(0);
    const mayRecover = status === 0 || status >= 500;
    if (mayRecover && attempt < maxAttempts) continue;
    throw new Error(
      status === 0
        ? 'The store could not be reached. Check the connection, and send the file again.'
        : `The store refused the file with status ${status}. Send it again.`,
    );
  }
}

/** @returns the status of the answer, 0 where none came */
function put({ body, report, signal, url }: Part): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const end = () => signal.removeEventListener('abort', abort);
    if (signal.aborted) return reject(new DOMException('Canceled.', 'AbortError'));
    signal.addEventListener('abort', abort);
    request.open('PUT', url);
    request.upload.onprogress = ({ loaded }) => report(loaded);
    request.onloadend = end;
    request.onload = () => resolve(request.status);
    request.onerror = () => resolve(0);
    request.onabort = () => reject(new DOMException('Canceled.', 'AbortError'));
    request.send(body);
  });
}
