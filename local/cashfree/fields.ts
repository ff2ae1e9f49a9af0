import { fieldError } from './api-error.ts';
import type { Customer } from './store.ts';

/** A JSON object of a request. */
export type Fields = Record<string, unknown>;

const idPattern = /^[A-Za-z0-9_-]{3,45}$/;

/** Reads rupees into paise; more than two decimals are refused, as the real API does. */
export function readAmount(fields: Fields, name: string): number {
  const value = fields[name];
  if (value === undefined || value === null) throw fieldError(name, 'is missing in the request');
  const paise = Math.round(Number(value) * 100);
  const isExact = Math.abs(paise / 100 - Number(value)) < 1e-9;
  if (typeof value !== 'number' || !isExact || paise < 100) {
    throw fieldError(name, 'should be a valid amount of at least 1.00', value);
  }
  return paise;
}

export function readId(fields: Fields, name: string): string {
  const value = fields[name];
  if (value === undefined) throw fieldError(name, 'is missing in the request');
  if (typeof value !== 'string' || !idPattern.test(value)) {
    throw fieldError(name, 'should be 3 to 45 letters, digits, _ or -', value);
  }
  return value;
}

export function readText(fields: Fields, name: string): string | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw fieldError(name, 'should be a string', value);
  return value;
}

export function readObject(fields: Fields, name: string): Fields {
  const value = fields[name] ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw fieldError(name, 'should be an object', value);
  }
  return value as Fields;
}

export function readUrl(fields: Fields, name: string): string | null {
  const value = readText(fields, name);
  if (value !== null && !/^https?:\/\//.test(value))
    throw fieldError(name, 'should be a URL', value);
  return value;
}

export function readChoice<T extends string>(
  fields: Fields,
  name: string,
  choices: readonly T[],
): T {
  const value = fields[name];
  const found = choices.find((choice) => choice === value);
  if (!found) throw fieldError(name, `should be one of ${choices.join(', ')}`, value);
  return found;
}

/** `customer_id` is optional for a subscription. */
export function readCustomer(body: Fields, needsId: boolean): Customer {
  const fields = readObject(body, 'customer_details');
  const phone = readText(fields, 'customer_phone');
  if (!phone) throw fieldError('customer_details.customer_phone', 'is missing in the request');
  if (!/^\+?[0-9]{10,15}$/.test(phone)) {
    throw fieldError('customer_details.customer_phone', 'should be 10 digits', phone);
  }
  const id = readText(fields, 'customer_id');
  if (needsId && !id) {
    throw fieldError('customer_details.customer_id', 'is missing in the request');
  }
  return {
    customer_id: id ?? phone,
    customer_name: readText(fields, 'customer_name'),
    customer_email: readText(fields, 'customer_email'),
    customer_phone: phone,
  };
}
