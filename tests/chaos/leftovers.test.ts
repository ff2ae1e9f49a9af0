import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { expectNoLeftovers, expectRecovery, killAll, waitUntilReady } from '../support/chaos.ts';
import { endOf, newJobAccount } from '../support/jobs.ts';
import { descendantsOf, isRunning, mediaPid, webPid } from '../support/process.ts';
import { quotaLeft } from '../support/quota.ts';
import { postForm } from '../support/stack.ts';

/** Hostile jobs that are run; HOSTILE_JOBS=1000 is the whole. */
const count = Number(process.env.HOSTILE_JOBS ?? 20);
const atOnce = 8;
const slack = 5;

const file = (text: string) => new Blob([Buffer.from(text, 'latin1')]);
const page = (box: string) =>
  `%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[${box}]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF`;
const script = (code: string) => `<p>x<script>${code}</script>`;
const timeout_seconds = '5';

/** One of each kind that an engine has been hurt by. */
const attacks: [tool: string, fields: Record<string, string | Blob>][] = [
  ['image-resize', { file: file(`\xff\xd8\xff\xe0${'\x01'.repeat(64)}`), width: '9' }],
  ['image-resize', { file: file(`\x89PNG\r\n\x1a\n\0\0\0\rIHDR${'\x7f'.repeat(40)}`), width: '9' }],
  ['html-to-pdf', { html: script('location="about:blank"') }],
  ['html-to-pdf', { html: script('const a=[];for(let i=0;i<300;i++)a.push("x".repeat(1e6))') }],
  ['html-to-pdf', { html: script('while(1);'), timeout_seconds }],
  [
    'html-to-pdf',
    { html: script('new WebSocket("ws://127.0.0.1:1");window.open("//127.0.0.1:1")') },
  ],
  ['pdf-to-images', { file: file(page('0 0 200000 200000')), timeout_seconds }],
  ['pdf-to-images', { file: file(page('0 0 9 9').slice(0, 90)) }],
  ['pdf-to-images', { file: file('%PDF-1.7 and no more') }],
  ['img-to-pdf', { files: file('GIF89a\xff\xff\xff\xff\x80\0\0') }],
  ['word-to-pdf', { file: file(`PK\x03\x04${'\0'.repeat(60)}word/document.xml`) }],
  ['video-compress', { file: file(`\0\0\0\x18ftypmp42\0\0\0\0mp42isom${'\xff'.repeat(500)}`) }],
];

/** Files and sockets that a process holds open. */
function opened(pid: number) {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return { all: links.length, sockets: links.filter((link) => link.startsWith('socket:')).length };
}

/** What is open when nothing goes on: connections that are kept are let go after a while. */
async function atRest(
  pid: number,
  most = { all: Number.POSITIVE_INFINITY, sockets: Number.POSITIVE_INFINITY },
) {
  let now = opened(pid);
  const over = () => {
    now = opened(pid);
    return Math.max(now.all - most.all, now.sockets - most.sockets);
  };
  await expect.poll(over, { timeout: 90_000, interval: 500 }).toBeLessThanOrEqual(slack);
  return now;
}

test(
  `${count} hostile jobs and a kill -9 of the media-service leave no process, folder, file or socket`,
  async () => {
    await waitUntilReady();
    const account = await newJobAccount();
    const run = async (at: number): Promise<string> => {
      const [tool, fields] = attacks[at % attacks.length] as (typeof attacks)[number];
      const sent = { ...fields, cache: 'false' };
      const submit = () => postForm(tool, account.key, sent, { prefer: 'respond-async' });
      let answer = await submit();
      // A busy machine refuses for the moment, and says when to come again.
      for (let tries = 0; answer.status === 503 && tries < 20; tries++) {
        await pause(Number(answer.headers.get('retry-after')) * 1000);
        answer = await submit();
      }
      const { code, id = '' } = (await answer.json()) as { id?: string; code?: string };
      if (answer.status !== 202) return `${tool} ${code}`;
      const { error, status } = await endOf(account.key, id);
      return `${tool} ${error?.code ?? status}`;
    };
    // Each kind once, so that what is kept open for all of them is.
    const ends = await Promise.all(attacks.map((_attack, at) => run(at)));
    for (const end of ends) expect(end).not.toMatch(/internal|unavailable/);
    await expectRecovery(account.key, 30_000);
    const [web, media] = [webPid(), mediaPid()];
    const before = { web: await atRest(web), media: await atRest(media) };
    const left = await quotaLeft(account.id);
    let next = 0;
    let charged = 0;
    const worker = async () => {
      while (next < count) if (/ succeeded$/.test(await run(next++))) charged++;
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    await expectNoLeftovers([]);
    await expect.poll(() => quotaLeft(account.id), { timeout: 30_000 }).toBe(left - charged);
    await expectRecovery(account.key, 30_000);
    expect([webPid(), mediaPid()]).toEqual([web, media]);
    await atRest(media, before.media);
    const family = descendantsOf(media).map(({ pid }) => pid);
    killAll([media]);
    await expect.poll(() => family.filter(isRunning), { timeout: 30_000 }).toEqual([]);
    await waitUntilReady();
    await expectRecovery(account.key, 30_000);
    await expectNoLeftovers(family);
    await atRest(web, before.web);
    await atRest(mediaPid(), before.media);
  },
  300_000 + count * 3_000,
);
