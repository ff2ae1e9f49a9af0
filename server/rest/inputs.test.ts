import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { appRouter } from '../router.ts';
import type { Meta } from '../trpc.ts';

/** What the service alone decides. */
const ownFields = [
  'account_id',
  'created_at',
  'credits',
  'is_admin',
  'owner_id',
  'paid_at',
  'role',
  'updated_at',
  'user_id',
];

type Procedure = { _def: { type: string; meta?: Meta; inputs: unknown[] } };

const procedures = Object.entries(appRouter._def.procedures) as unknown as [string, Procedure][];
const mutations = procedures
  .filter(([, { _def }]) => _def.type === 'mutation' && _def.meta?.access !== 'admin')
  .map(([name, { _def }]) => [name, _def.inputs[0] as z.ZodType | undefined] as const);

describe.each(mutations)('%s', (_name, input) => {
  test('takes nothing that it does not name, and names nothing that the service decides', () => {
    if (!input) return;
    const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
    expect(schema.additionalProperties).toBe(false);
    for (const field of ownFields) expect(schema.properties).not.toHaveProperty(field);
  });
});

test('there are mutations to look at', () => {
  expect(mutations.length).toBeGreaterThan(20);
});
