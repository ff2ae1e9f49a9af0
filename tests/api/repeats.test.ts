import { createHash } from 'node:crypto';
import { jobSchema } from '@nebula/contract/job';
import { beforeAll, describe, expect, test } from 'vitest';
import { quotaLeft } from '../support/quota.ts';
import { jpeg } from '../support/samples.ts';
import { newAccount, postForm, postJson } from '../support/stack.ts';

let account: string;
let key: string;
let photo: Blob;
beforeAll(async () => {
  ({ id: account, key } = await newAccount({ plan: 'pro' }));
  photo = new Blob([new Uint8Array(await jpeg(300, 200))]);
});

const sha = async (response: Response) =>
  createHash('sha256')
    .update(Buffer.from(await response.arrayBuffer()))
    .digest('hex');
const resize = (fields: Record<string, string>, caller = key) =>
  postForm('image-resize', caller, { file: photo, ...fields });

/** Outputs are kept after the answer has been sent, so a hit may take a moment. */
async function untilHit(call: () => Promise<Response>): Promise<Response> {
  let hit: Response | undefined;
  await expect
    .poll(
      async () => {
        const response = await call();
        if (response.headers.get('x-cache') === 'hit') hit = response;
        else await response.arrayBuffer();
        return hit !== undefined;
      },
      { timeout: 30_000, interval: 50 },
    )
    .toBe(true);
  return hit as Response;
}

describe('an equal call', () => {
  test('gets the kept bytes, and costs nothing', async () => {
    const first = await resize({ width: '41' });
    expect(first.headers.get('x-cache')).toBe('miss');
    const hash = await sha(first);
    const again = await untilHit(() => resize({ width: '41' }));
    expect(again.headers.get('x-nebula-units')).toBe('0');
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(again.headers.get('content-disposition')).toBe(first.headers.get('content-disposition'));
    expect(await sha(again)).toBe(hash);
    const before = await quotaLeft(account);
    expect(await sha(await resize({ width: '41', mode: 'fit' }))).toBe(hash);
    expect(await quotaLeft(account)).toBe(before);
  });

  test('gets a job with addresses of the kept outputs', async () => {
    const accept = { accept: 'application/json' };
    const call = () => postJson('html-to-pdf', key, { html: '<h1>Kept</h1>' }, accept);
    const first = jobSchema.parse(await (await call()).json());
    const hit = await untilHit(call);
    const again = jobSchema.parse(await hit.json());
    expect(first).toMatchObject({ units: 1, cache: 'miss' });
    expect(again).toMatchObject({ units: 0, cache: 'hit' });
    expect(again.id).not.toBe(first.id);
    expect(again.files[0]?.id).not.toBe(first.files[0]?.id);
    expect(await sha(await fetch(again.files[0]?.url ?? ''))).toBe(first.files[0]?.sha256);
  });

  test.each(['img-to-pdf', 'html-to-pdf'])(
    'gets the kept bytes of an encrypted %s',
    async (tool) => {
      const data = Buffer.from(await photo.arrayBuffer()).toString('base64');
      const source = tool === 'img-to-pdf' ? { data } : { html: '<p>Sealed' };
      const encrypt = { user: 'opens it', owner: 'lifts the limits' };
      const call = (user = encrypt.user) =>
        postJson(tool, key, { ...source, encrypt: { ...encrypt, user } });
      // Of two that run before the first is kept, no two are alike.
      const hash = await sha(await untilHit(call));
      expect(await sha(await untilHit(call))).toBe(hash);
      const other = await call('another');
      expect(other.headers.get('x-cache')).toBe('miss');
      expect(await sha(other)).not.toBe(hash);
    },
  );

  test('is run again where the caller wants that', async () => {
    await sha(await resize({ width: '42' }));
    const before = await quotaLeft(account);
    const again = await resize({ width: '42', cache: 'false' });
    expect(again.headers.get('x-cache')).toBe('bypass');
    await again.arrayBuffer();
    expect(before - (await quotaLeft(account))).toBe(1);
  });

  test.each<[string, Record<string, string>]>([
    ['another option', { width: '44' }],
    ['another name', { width: '43', 'output[filename]': 'other' }],
  ])('is none with %s', async (_what, fields) => {
    await sha(await resize({ width: '43' }));
    await (await untilHit(() => resize({ width: '43' }))).arrayBuffer();
    const other = await resize(fields);
    expect(other.headers.get('x-cache')).toBe('miss');
    await other.arrayBuffer();
  });

  test('of another account finds nothing', async () => {
    await sha(await resize({ width: '45' }));
    await (await untilHit(() => resize({ width: '45' }))).arrayBuffer();
    const stranger = await newAccount();
    const theirs = await resize({ width: '45' }, stranger.key);
    expect(theirs.headers.get('x-cache')).toBe('miss');
    await theirs.arrayBuffer();
  });
});

test('what shows the day of its printing is not kept', async () => {
  const footer = { html: '<span class="date"></span>' };
  const call = () => postJson('html-to-pdf', key, { html: '<p>x', footer });
  for (let times = 0; times < 3; times++) {
    const response = await call();
    expect(response.headers.get('x-cache')).toBe('miss');
    await response.arrayBuffer();
  }
});
