import { receiveWebhook } from '#server/modules/billing/service.ts';

export const dynamic = 'force-dynamic';

const maxBytes = 256 * 1024;

/** Cashfree's webhooks. The signature is over the bytes as they came, so nothing parses them before. */
export async function POST(request: Request): Promise<Response> {
  const rawBody = await readBytes(request);
  if (!rawBody) return new Response(null, { status: 413 });
  const status = await receiveWebhook({
    signature: request.headers.get('x-webhook-signature'),
    timestamp: request.headers.get('x-webhook-timestamp'),
    rawBody,
  });
  return new Response(null, { status });
}

async function readBytes({ body }: Request): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    // What is too much is still read to its end, or the connection would be stuck with it.
    if (size <= maxBytes) chunks.push(chunk);
  }
  return size <= maxBytes ? Buffer.concat(chunks) : undefined;
}
