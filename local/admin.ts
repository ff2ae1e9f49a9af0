import { parseArgs } from 'node:util';
import { type PlanId, planIds } from '@nebula/contract/plans';
import { scopeNames } from '@nebula/contract/scopes';
import { loadDotEnv } from './stack/dot-env.ts';
import { findRunningStack, root } from './stack/stack.ts';

const usage = `npm run admin -- <command>

  create-user --email a@b.c --password … [--name …] [--plan ${planIds.join('|')}] [--role user|admin]
  set-plan    --email a@b.c --plan ${planIds.join('|')} --reason …
  make-admin  --email a@b.c
  suspend     --email a@b.c --reason …
  restore     --email a@b.c
  create-key  --email a@b.c [--name …] [--mode live|test] [--scopes tools:run,usage:read]
  list-keys   --email a@b.c
  rotate-key  --email a@b.c --key key_… [--grace seconds]
  disable-key --email a@b.c --key key_…
  payments    --email a@b.c
  refund      --email a@b.c --payment … --amount paise --reference word
`;

loadDotEnv(root);
const stack = await findRunningStack();
Object.assign(process.env, stack?.env);
const accounts = await import('#server/modules/account/service.ts');
const auth = await import('#server/modules/auth/service.ts');
const { systemSource } = await import('#server/modules/audit/service.ts');
const billing = await import('#server/modules/billing/service.ts');
const keys = await import('#server/modules/api-key/service.ts');

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    email: { type: 'string', default: '' },
    password: { type: 'string', default: '' },
    name: { type: 'string', default: '' },
    plan: { type: 'string', default: 'free' },
    role: { type: 'string', default: 'user' },
    mode: { type: 'string', default: 'live' },
    scopes: { type: 'string', default: 'tools:run,usage:read' },
    key: { type: 'string', default: '' },
    grace: { type: 'string', default: '86400' },
    payment: { type: 'string', default: '' },
    amount: { type: 'string', default: '' },
    reference: { type: 'string', default: '' },
    reason: { type: 'string', default: '' },
  },
});

const commands: Record<string, () => Promise<string>> = {
  'create-user': async () => {
    const role = values.role === 'admin' ? 'admin' : 'user';
    const { email, name, password } = values;
    const account = await accounts.createAccount({
      email,
      password,
      name: name || email,
      role,
      plan: planFrom(values.plan),
    });
    return account.id;
  },
  'set-plan': async () => {
    const reason = reasonFrom(values.reason);
    const { id } = await findAccount();
    const change = { plan: planFrom(values.plan), reason };
    const { plan } = await billing.givePlan(id, change, systemSource);
    return `${values.email} is on the plan ${plan}`;
  },
  'make-admin': async () => {
    const { id } = await findAccount();
    await accounts.updateAccount(id, { role: 'admin' });
    return `${values.email} is an admin`;
  },
  suspend: async () => {
    const reason = reasonFrom(values.reason);
    const { id } = await findAccount();
    await auth.suspendAccount(id, reason, systemSource);
    return `${values.email} is suspended`;
  },
  restore: async () => {
    const { id } = await findAccount();
    await auth.restoreAccount(id, systemSource);
    return `${values.email} works again`;
  },
  'create-key': async () => {
    const { id: accountId } = await findAccount();
    const mode = values.mode === 'test' ? 'test' : 'live';
    const scopes = scopesFrom(values.scopes);
    const { key } = await keys.createApiKey({
      accountId,
      name: values.name || 'Key',
      mode,
      scopes,
    });
    return `${key}\nThis is the only time that the key is shown.`;
  },
  'list-keys': async () => {
    const { id } = await findAccount();
    const rows = await keys.listApiKeys(id);
    const lines = rows.map(({ isEnabled, last4, mode, name, scopes, ...row }) =>
      [row.id, `nb_${mode}_…${last4}`, isEnabled ? 'on' : 'off', scopes.join(','), name].join('  '),
    );
    return lines.join('\n') || `${values.email} has no keys`;
  },
  'rotate-key': async () => {
    const { id: accountId } = await findAccount();
    const graceSeconds = Number(values.grace);
    if (!Number.isInteger(graceSeconds) || graceSeconds < 0)
      throw new Error(`Expected --grace as whole seconds; received ${values.grace}.`);
    const { key } = await keys.rotateApiKey({ accountId, id: values.key, graceSeconds });
    return `${key}\nThis is the only time that the key is shown. The one before works for ${graceSeconds} seconds more.`;
  },
  'disable-key': async () => {
    const { id } = await findAccount();
    await keys.setKeyEnabled(id, values.key, false);
    return `${values.key} is disabled`;
  },
  payments: async () => {
    const payments = await billing.listPayments(await findAccount());
    const lines = payments.map(({ amount, id, refundable, refunded }) =>
      [id, `${amount} paise`, `${refunded} given back`, `${refundable} left`].join('  '),
    );
    return lines.join('\n') || `${values.email} has paid nothing`;
  },
  refund: async () => {
    const amount = Number(values.amount);
    if (!Number.isInteger(amount) || amount < 1 || !values.reference)
      throw new Error('Expected --amount as whole paise, and --reference: one refund for each.');
    const order = { paymentId: values.payment, amount, reference: values.reference };
    const account = await findAccount();
    const { id, status } = await billing.refundByOperator(systemSource, account, order);
    return `${id} over ${amount} paise is ${status}`;
  },
};

const command = commands[positionals[0] ?? ''];
if (!command) {
  process.stderr.write(usage);
  process.exit(1);
}
try {
  process.stdout.write(`${await command()}\n`);
  process.exit(0);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}

async function findAccount() {
  const account = await accounts.findAccountByEmail(values.email);
  if (!account) throw new Error(`There is no account with the address ${values.email}.`);
  return account;
}

function reasonFrom(text: string): string {
  if (!text.trim()) throw new Error('Expected --reason; the owner reads it in a mail.');
  return text.trim();
}

function scopesFrom(text: string): string[] {
  const scopes = text.split(',').filter(Boolean);
  const unknown = scopes.filter((scope) => !scopeNames.includes(scope));
  if (unknown.length > 0)
    throw new Error(
      `Expected --scopes of ${scopeNames.join(', ')}; received ${unknown.join(', ')}.`,
    );
  return scopes;
}

function planFrom(text: string): PlanId {
  const plan = planIds.find((id) => id === text);
  if (!plan) throw new Error(`Expected --plan ${planIds.join(', ')}; received ${text}.`);
  return plan;
}
