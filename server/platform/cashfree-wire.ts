/**
 * JSON as Cashfree speaks it: rupees outside, integer paise inside. Every number of a field whose
 * name ends in `_amount` is converted digit by digit; no amount is ever a floating-point number.
 */
const amountName = /_amount$/;
const decimal = /^(-?)(\d{1,13})(?:\.(\d{1,2})0*)?$/;

/** TypeScript does not know these two parts of ECMAScript yet. */
type Json = {
  rawJSON: (text: string) => unknown;
  parse: (
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ) => unknown;
};
const json = JSON as unknown as Json;

/** Writes a body; amounts are given in paise and leave as `1499.00`. */
export function encodeBody(body: unknown): string {
  return JSON.stringify(body, (key, value) =>
    amountName.test(key) && typeof value === 'number' ? json.rawJSON(toRupees(value)) : value,
  );
}

/** Reads a body; amounts come out in paise. An amount with a fraction of a paisa is an error. */
export function decodeBody(text: string): unknown {
  return json.parse(text, (key, value, { source }) =>
    amountName.test(key) && typeof value === 'number' ? toPaise(source ?? '') : value,
  );
}

/** `149900` as `1499.00`. */
export function toRupees(paise: number): string {
  if (!Number.isSafeInteger(paise)) throw new Error(`expected integer paise, got ${paise}`);
  const digits = String(Math.abs(paise)).padStart(3, '0');
  return `${paise < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** `1499`, `1499.5` and `1499.00` as paise. */
export function toPaise(rupees: string): number {
  const [, sign, whole = '', fraction = ''] = decimal.exec(rupees) ?? [];
  if (!whole) throw new Error(`expected rupees with at most two decimals, got ${rupees}`);
  const paise = Number(whole + fraction.padEnd(2, '0'));
  return sign && paise !== 0 ? -paise : paise;
}
