import { type Credentials, call, type Reply, sessionOf } from './callers.ts';
import { newAccount } from './stack.ts';

export type Customer = { id: string; key: string; as: Credentials };

/** Somebody with a session who may write to the support. */
export async function newCustomer(): Promise<Customer> {
  const scopes = ['support:write', 'tools:run', 'jobs:read', 'jobs:write', 'files:write'];
  const { id, key } = await newAccount({ plan: 'enterprise', scopes });
  return { id, key, as: await sessionOf(id) };
}

/** Somebody who answers. */
export async function newOperator(): Promise<Customer> {
  const operator = await newCustomer();
  const { updateAccount } = await import('#server/modules/account/service.ts');
  await updateAccount(operator.id, { role: 'admin' });
  return operator;
}

/** Begins a conversation, and gives back its id. */
export async function begin(as: Credentials, input: Record<string, unknown> = {}): Promise<string> {
  const body = { subject: 'A question', message: 'Hello', ...input };
  const { json, status, text } = await call('POST', '/conversations', as, body);
  if (status !== 201) throw new Error(text);
  return json.id;
}

export const post = (as: Credentials, id: string, input: Record<string, unknown>): Promise<Reply> =>
  call('POST', `/conversations/${id}/messages`, as, input);

export const reply = (
  as: Credentials,
  id: string,
  input: Record<string, unknown>,
): Promise<Reply> => call('POST', `/admin/conversations/${id}/messages`, as, input);

export type Message = { seq: number; text: string; by: string; is_private: boolean };

/** Every message, asked for in pages as one who catches up would. */
export async function catchUp(
  as: Credentials,
  path: string,
  { after = 0, limit = 7 } = {},
): Promise<Message[]> {
  const all: Message[] = [];
  for (;;) {
    const last = all.at(-1)?.seq ?? after;
    const { json } = await call('GET', `${path}/messages?after=${last}&limit=${limit}`, as);
    all.push(...json.data);
    if (!json.has_more) return all;
  }
}
