import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startMail } from './server.ts';

const dir = mkdtempSync(join(tmpdir(), 'nebula-mail-'));
let mail: Awaited<ReturnType<typeof startMail>>;

beforeEach(async () => {
  mail = await startMail({ smtpPort: 0, webPort: 0, dir });
});

afterEach(async () => {
  await fetch(`http://127.0.0.1:${mail.webPort}/api/messages`, { method: 'DELETE' });
  await mail.close();
  rmSync(dir, { recursive: true, force: true });
});

function deliver(message: Record<string, unknown>) {
  const transport = createTransport({ host: '127.0.0.1', port: mail.smtpPort, ignoreTLS: true });
  return transport.sendMail({
    from: 'Nebula <no-reply@nebula.local>',
    to: 'a@example.com',
    ...message,
  });
}

const get = (path: string) => fetch(`http://127.0.0.1:${mail.webPort}${path}`);

describe('a mail that is sent', () => {
  it('is listed with its subject, addresses and both bodies', async () => {
    await deliver({ subject: 'Grüße', text: 'plain', html: '<b>rich</b>' });
    const { data } = (await (await get('/api/messages')).json()) as {
      data: Record<string, string>[];
    };
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({ subject: 'Grüße', to: 'a@example.com', html: '<b>rich</b>' });
    expect(data[0]?.text).toContain('plain');
  });

  it('is shown, with its HTML in a sandbox and nothing of it on the page itself', async () => {
    await deliver({
      subject: '<script>alert(1)</script>',
      text: 'x',
      html: '<script>alert(2)</script>',
    });
    const { data } = (await (await get('/api/messages')).json()) as { data: { id: string }[] };
    const page = await (await get(`/messages/${data[0]?.id}`)).text();
    expect(page).toContain('sandbox srcdoc=');
    expect(page).not.toContain('<script>');
    expect(await (await get('/')).text()).not.toContain('<script>');
  });

  it('is found by its address among all', async () => {
    await deliver({ subject: 'for b', to: 'b@example.com', text: 'x' });
    await deliver({ subject: 'for a', text: 'x' });
    const { data } = (await (await get('/api/messages?to=b@example.com')).json()) as {
      data: { subject: string }[];
    };
    expect(data.map(({ subject }) => subject)).toEqual(['for b']);
  });

  it('survives a restart', async () => {
    await deliver({ subject: 'kept', text: 'x' });
    await mail.close();
    mail = await startMail({ smtpPort: 0, webPort: 0, dir });
    expect(await (await get('/')).text()).toContain('kept');
  });
});

it('an unknown mail is 404, and no path leads out of the folder', async () => {
  expect((await get('/messages/01ARZ3NDEKTSV4RRFFQ69G5FAV')).status).toBe(404);
  expect((await get('/messages/..%2f..%2fetc%2fpasswd')).status).toBe(404);
});
