import { PassThrough } from 'node:stream';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { newFileAccount, sendPhoto, sha256, storedNames } from '../support/files.ts';
import { png } from '../support/samples.ts';
import { type Asked, broken, heal, lose, spoil } from '../support/spoil.ts';

const { findAccount } = await import('#server/modules/account/service.ts');
const { completeUpload, contentOf, createFile } = await import('#server/modules/file/service.ts');
const { createSpool } = await import('#server/platform/spool.ts');

let photo: Buffer;
beforeAll(async () => {
  photo = await png(4, 4);
});
afterEach(heal);

async function newOwner() {
  const { id } = await newFileAccount();
  const account = await findAccount(id);
  if (!account) throw new Error('the account was not made');
  return account;
}

/** The bytes at the address that a file has. */
async function bytesOf(file: { accountId: string; id: string }): Promise<Buffer> {
  const response = await fetch((await contentOf(file)).url);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

describe('a file whose last write was done and not answered', () => {
  /** The first write that makes a file ready is done, and asked for again. */
  function loseReady() {
    let lost = 0;
    const isReady = ({ command, input }: Asked) =>
      command.startsWith('Update') && input.includes('"ready"');
    spoil('database', (send, asked) => {
      if (!isReady(asked) || lost > 0) return send();
      lost += 1;
      return lose(send);
    });
    return () => lost;
  }

  test('keeps its bytes when it was uploaded directly', async () => {
    const account = await newOwner();
    const { id } = await sendPhoto(account.id);
    const lost = loseReady();
    const file = await completeUpload(account, id);
    expect(lost()).toBe(1);
    expect(sha256(await bytesOf(file))).toBe(file.sha256);
    expect(await storedNames(account.id)).toHaveLength(1);
  });

  test('keeps its bytes when it came in a call', async () => {
    const account = await newOwner();
    const spool = createSpool(`lost-${account.id}`);
    const { path } = await spool.write(new PassThrough().end(photo), () => {});
    const facts = { size: photo.length, type: 'png' as const, sha256: sha256(photo) };
    const lost = loseReady();
    const wish = { file: { path, filename: 'a.png', ...facts } };
    const file = await createFile(account, wish, { spool, signal: AbortSignal.timeout(30_000) });
    await spool.remove();
    expect(lost()).toBe(1);
    expect(sha256(await bytesOf(file))).toBe(facts.sha256);
  });
});

test('an upload outlives a store that breaks off while it is looked at', async () => {
  const account = await newOwner();
  const { id } = await sendPhoto(account.id);
  spoil('store', async (send, { command }) => {
    const answer = (await send()) as { response: { body: PassThrough } };
    if (command.startsWith('GetObject')) {
      answer.response.body.resume();
      answer.response.body = new PassThrough().destroy(broken());
    }
    return answer;
  });
  await expect(completeUpload(account, id)).rejects.toMatchObject({ code: 'unavailable' });
  heal();
  const file = await completeUpload(account, id);
  expect(sha256(await bytesOf(file))).toBe(file.sha256);
  expect(await storedNames(account.id)).toHaveLength(1);
});
