import { randomUUID } from 'node:crypto';
import { call, nobody, type Reply } from './callers.ts';
import { mailTo, tokenIn } from './mails.ts';

export type Person = { email: string; password: string; name: string };

export const newPerson = (): Person => ({
  email: `${randomUUID()}@example.com`,
  password: 'a long enough password',
  name: 'Ada',
});

/** Registers somebody, and opens the link of the mail. */
export async function registered(person: Person = newPerson()): Promise<Person> {
  await call('POST', '/auth/register', nobody, person);
  const token = tokenIn(await mailTo(person.email, 'Confirm your address'));
  await call('POST', '/auth/email-verifications/confirm', nobody, { token });
  return person;
}

export const login = ({ email, password }: Omit<Person, 'name'>): Promise<Reply> =>
  call('POST', '/auth/login', nobody, { email, password });

export const refresh = (token: string): Promise<Reply> =>
  call('POST', '/auth/refresh', nobody, { refresh_token: token });
