import { randomUUID } from 'node:crypto';
import { scopeNames } from '@nebula/contract/scopes';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  askRest,
  askTrpc,
  fixtures,
  inputs,
  type Procedure,
  procedures,
} from '../support/access.ts';
import { buy, customer, database } from '../support/billing.ts';
import { bearer, type Credentials, type Reply, sessionOf } from '../support/callers.ts';
import { newAccount } from '../support/stack.ts';

const zeros = '0'.repeat(26);

/** Ids that a field of an input may hold beside `id`: one of somebody else's, and one of nothing. */
const kinds: Record<string, Kind> = {
  file_id: { make: (id) => fixture('file', id), missing: `fil_${zeros}` },
  job_id: { make: (id) => fixture('job', id), missing: `job_${zeros}` },
  order_id: { make: async () => (await buy(await customer(), 'pro')).orderId, missing: 'ord_none' },
  mandate_id: { make: newMandate, missing: 'mnd_none' },
  // Somebody who is no operator.
  assignee_id: { make: async (id) => id, missing: `usr_${zeros}`, refusal: 422 },
};

type Kind = { make: (victimId: string) => Promise<string>; missing: string; refusal?: number };

const fixture = async (kind: string, ownerId: string) => (await fixtures[kind]?.(ownerId)) ?? '';

async function newMandate(accountId: string): Promise<string> {
  const id = `mnd_${randomUUID()}`;
  const row = { id, accountId, createdAt: String(Date.now()).padStart(15, '0') };
  await database()
    .billingMandate.create({ ...row, status: 'open' })
    .go();
  return id;
}

/** What a procedure must be given so that it comes to look at the id. */
const needs: Record<string, (callerId: string) => Promise<Record<string, unknown>>> = {
  'tools.image-resize': async () => ({ width: 8 }),
  'estimates.image-resize': async () => ({ width: 8 }),
  'tools.image-match': ownPictures,
  'estimates.image-match': ownPictures,
  'batches.create': async () => ({ tool: 'html-to-pdf' }),
};

async function ownPictures(callerId: string) {
  const picture = { file_id: await fixture('file', callerId) };
  return { source: picture, targets: [picture] };
}

type Cell = { procedure: Procedure; field: string; kind: string; put: (id: string) => unknown };

/** Where an input takes an id: by its own name, in a list of that name, or in a reference to a file. */
const cells: Cell[] = procedures.flatMap((procedure) =>
  Object.entries(procedure.properties).flatMap(([field, schema]): Cell[] => {
    if (kinds[field]) return [{ procedure, field, kind: field, put: (id) => id }];
    const isList = JSON.stringify(schema).startsWith('{"type":"array"') || 'items' in schema;
    const put = (of: (id: string) => unknown) => (id: string) => (isList ? [of(id)] : of(id));
    if (field === 'file_ids') return [{ procedure, field, kind: 'file_id', put: put((id) => id) }];
    if (!JSON.stringify(schema).includes('"file_id"')) return [];
    return [{ procedure, field, kind: 'file_id', put: put((id) => ({ file_id: id })) }];
  }),
);

let victimId: string;
let callers: Record<'person' | 'key' | 'admin', Credentials>;
let callerIds: Record<keyof typeof callers, string>;
beforeAll(async () => {
  const everything = { plan: 'enterprise' as const, scopes: [...scopeNames] };
  const [victim, other, admin] = await Promise.all([
    newAccount(everything),
    newAccount(everything),
    newAccount(everything),
  ]);
  victimId = victim.id;
  const { updateAccount } = await import('#server/modules/account/service.ts');
  await updateAccount(admin.id, { role: 'admin' });
  callers = {
    person: await sessionOf(other.id),
    key: bearer(other.key),
    admin: await sessionOf(admin.id),
  };
  callerIds = { person: other.id, key: other.id, admin: admin.id };
});

const refusalOf = ({ json, status }: Reply) => ({
  status,
  message: json?.detail ?? json?.error?.message,
});

describe('an id of somebody else is nothing, in whatever field it comes', () => {
  test('the fields are those of the router', () => {
    const found = new Set(cells.map(({ kind }) => kind));
    expect([...found].sort()).toEqual(Object.keys(kinds).sort());
    expect(cells.length).toBeGreaterThanOrEqual(25);
  });

  test.each(cells.map((cell) => ({ name: cell.procedure.name, ...cell })))(
    '$field of $name',
    async ({ field, kind, name, procedure, put }) => {
      const { make, missing, refusal = 404 } = kinds[kind] as Kind;
      const transport = procedure.meta.openapi ? askRest : askTrpc;
      const { access, owns } = procedure.meta;
      const who = access === 'admin' ? (['admin'] as const) : (['person', 'key', 'admin'] as const);
      for (const caller of who) {
        const own = owns === undefined ? {} : { id: await fixture(owns, callerIds[caller]) };
        const needed = (await needs[name]?.(callerIds[caller])) ?? {};
        const input = { ...inputs[name], ...needed, ...own };
        const ask = (id: string) =>
          transport(procedure, callers[caller], { ...input, [field]: put(id) });
        const foreign = refusalOf(await ask(await make(victimId)));
        expect(foreign, caller).toEqual(refusalOf(await ask(missing)));
        expect(foreign.status, `${caller}: ${foreign.message}`).toBe(refusal);
      }
    },
  );
});
