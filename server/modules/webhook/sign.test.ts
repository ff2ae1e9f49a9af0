import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, test } from 'vitest';
import { generateSecret, sealSecret, secretsInForce, signatureHeaders } from './sign.ts';

beforeAll(() => {
  process.env.AUTH_SECRET ??= 'a secret for unit tests of 32 chars';
  process.env.MEDIA_TOKEN ??= 'a token of 16 chars';
});

const id = 'msg_01JD8Y3K5M7N9P1Q3R5S7T9V1W';
const bodies: [string, string][] = [
  ['plain text', '{"type":"job.succeeded","data":{"id":"job_1"}}'],
  ['characters of two to four bytes', '{"name":"Größe – 文書 – 🧾"}'],
  ['numbers that another writer would spell otherwise', '{"a":1.0,"b":1e21,"c":0.1,"d":-0}'],
  ['keys in no order, and white space', '{ "z": 1,\n\t"a": { "y": 2, "b": 3 } }'],
  ['nothing', ''],
  ['line breaks and escapes', '{"text":"one\\ntwo\\u0000\\"three\\""}'],
];

describe('a signature', () => {
  test.each(bodies)('of %s is what the public verifier accepts', (_what, body) => {
    const secret = generateSecret();
    const headers = signatureHeaders({ id, at: Date.now(), body }, [secret]);
    const verify = () => new Webhook(secret).verify(body, headers, { jsonParse: false });
    expect(verify).not.toThrow();
  });

  test.each(bodies)('of %s is what the public signer writes', (_what, body) => {
    const secret = generateSecret();
    const at = Date.UTC(2026, 10, 23, 12, 0, 0, 987);
    const headers = signatureHeaders({ id, at, body }, [secret]);
    expect(headers['webhook-signature']).toBe(new Webhook(secret).sign(id, new Date(at), body));
    expect(headers['webhook-timestamp']).toBe('1795435200');
    expect(headers['webhook-id']).toBe(id);
  });

  test('does not fit another body, id, time or secret', () => {
    const secret = generateSecret();
    const body = '{"a":1}';
    const headers = signatureHeaders({ id, at: Date.now(), body }, [secret]);
    const timestamp = String(Number(headers['webhook-timestamp']) + 1);
    const webhook = new Webhook(secret);
    expect(() => webhook.verify('{"a": 1}', headers)).toThrow();
    expect(() => webhook.verify(body, { ...headers, 'webhook-id': 'msg_other' })).toThrow();
    expect(() => webhook.verify(body, { ...headers, 'webhook-timestamp': timestamp })).toThrow();
    expect(() => new Webhook(generateSecret()).verify(body, headers)).toThrow();
  });

  test('that is older than five minutes is refused by the verifier', () => {
    const secret = generateSecret();
    const headers = signatureHeaders({ id, at: Date.now() - 301_000, body: '{}' }, [secret]);
    expect(() => new Webhook(secret).verify('{}', headers)).toThrow(/timestamp/i);
  });
});

describe('secrets', () => {
  test('are as long as the standard asks, and never twice the same', () => {
    const secrets = Array.from({ length: 100 }, generateSecret);
    for (const secret of secrets) {
      expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]+={0,2}$/);
      const bytes = Buffer.from(secret.slice('whsec_'.length), 'base64').length;
      expect(bytes).toBeGreaterThanOrEqual(24);
      expect(bytes).toBeLessThanOrEqual(64);
    }
    expect(new Set(secrets).size).toBe(100);
  });

  test('sign together until the time of the one before is over', () => {
    const [now, before] = [generateSecret(), generateSecret()];
    const sealed = {
      secret: sealSecret(now),
      previousSecret: sealSecret(before),
      previousSecretUntil: 1_000,
    };
    expect(JSON.stringify(sealed)).not.toContain(now.slice('whsec_'.length));
    expect(secretsInForce(sealed, 999)).toEqual([now, before]);
    expect(secretsInForce(sealed, 1_000)).toEqual([now]);
    const body = randomBytes(20).toString('hex');
    const headers = signatureHeaders({ id, at: Date.now(), body }, [now, before]);
    expect(headers['webhook-signature'].split(' ')).toHaveLength(2);
    for (const secret of [now, before]) {
      const verify = () => new Webhook(secret).verify(body, headers, { jsonParse: false });
      expect(verify).not.toThrow();
    }
  });

  test('that were sealed with something else sign nothing', () => {
    expect(() => secretsInForce({ secret: 'AAAA' }, 0)).toThrow(/AUTH_SECRET/);
  });
});
