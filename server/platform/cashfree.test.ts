import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyWebhook } from './cashfree-webhook.ts';
import { decodeBody, encodeBody, toPaise, toRupees } from './cashfree-wire.ts';

describe('an amount', () => {
  it('survives the way to rupees and back, to the paisa', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (paise) => {
        expect(toPaise(toRupees(paise))).toBe(paise);
        expect(decodeBody(encodeBody({ order_amount: paise }))).toEqual({ order_amount: paise });
      }),
    );
  });

  it('leaves as a number with two decimals', () => {
    const body = encodeBody({ order_amount: 17_000, payment_amount: 5, count: 5 });
    expect(body).toBe('{"order_amount":170.00,"payment_amount":0.05,"count":5}');
  });

  it('is read however Cashfree writes it, and null stays null', () => {
    const text = '{"a":{"order_amount":1.1},"payment_amount":2,"b_amount":8.50,"c_amount":null}';
    expect(decodeBody(text)).toEqual({
      a: { order_amount: 110 },
      payment_amount: 200,
      b_amount: 850,
      c_amount: null,
    });
  });

  it('with a fraction of a paisa, an exponent or no number is refused', () => {
    for (const text of ['1.005', '1e3', '', 'NaN', '1,000', '.5', '99999999999999']) {
      expect(() => toPaise(text)).toThrow('expected rupees');
    }
    expect(() => toRupees(0.1)).toThrow('expected integer paise');
  });
});

describe('a webhook', () => {
  const secret = 'secret';
  const now = 1_746_427_759_733;
  const timestamp = String(now);
  const rawBody = Buffer.from('{"data":{"order":{"order_amount":170.00}},"note":"₹ नमस्ते"}');
  const signature = createHmac('sha256', secret)
    .update(Buffer.concat([Buffer.from(timestamp), rawBody]))
    .digest('base64');
  const signed = { signature, timestamp, rawBody };

  it('has the signature that the documented recipe gives', () => {
    const body = Buffer.from('{"type":"TEST"}');
    const known = { signature: 'g8idFKN/vAfyX7/7QhEdEaxwl89WiRurakpmlpEtIwo=', timestamp };
    expect(verifyWebhook({ ...known, rawBody: body }, secret, now)).toBe('valid');
  });

  it('is valid with its own bytes, secret and time', () => {
    expect(verifyWebhook(signed, secret, now)).toBe('valid');
    expect(verifyWebhook(signed, secret, now + 600_000)).toBe('valid');
  });

  it('is old, not forged, outside ten minutes', () => {
    expect(verifyWebhook(signed, secret, now + 600_001)).toBe('old');
    expect(verifyWebhook(signed, secret, now - 600_001)).toBe('old');
  });

  it('is forged after any flipped bit of its body', () => {
    const bits = { min: 0, max: rawBody.length * 8 - 1 };
    fc.assert(
      fc.property(fc.integer(bits), (bit) => {
        const changed = Buffer.from(rawBody);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verifyWebhook({ ...signed, rawBody: changed }, secret, now)).toBe('forged');
      }),
    );
  });

  it('is forged when its JSON was written again', () => {
    const again = Buffer.from(JSON.stringify(JSON.parse(rawBody.toString())));
    expect(verifyWebhook({ ...signed, rawBody: again }, secret, now)).toBe('forged');
  });

  it('is forged with another secret, none, or a signature over a dot', () => {
    expect(verifyWebhook(signed, 'other', now)).toBe('forged');
    const unsigned = createHmac('sha256', ' ').update(timestamp).update(rawBody).digest('base64');
    expect(verifyWebhook({ ...signed, signature: unsigned }, '', now)).toBe('forged');
    const dotted = createHmac('sha256', secret).update(`${timestamp}.`).update(rawBody);
    const wrong = { ...signed, signature: dotted.digest('base64') };
    expect(verifyWebhook(wrong, secret, now)).toBe('forged');
  });

  it('is forged when a header is missing, doubled or not what it should be', () => {
    for (const value of [
      undefined,
      null,
      '',
      [signature],
      [signature, signature],
      7,
      `${signature} `,
    ]) {
      expect(verifyWebhook({ ...signed, signature: value }, secret, now)).toBe('forged');
    }
    for (const value of [undefined, '', [timestamp], `${timestamp}0`, '-1', '1e12', now]) {
      expect(verifyWebhook({ ...signed, timestamp: value }, secret, now)).toBe('forged');
    }
  });

  it('cannot lend the digits of its time to its body', () => {
    const longer = {
      timestamp: timestamp.slice(0, -1),
      rawBody: Buffer.concat([Buffer.from('3'), rawBody]),
    };
    expect(verifyWebhook({ ...signed, ...longer }, secret, now)).toBe('forged');
  });
});
