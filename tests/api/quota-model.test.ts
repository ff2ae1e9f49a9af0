import type { PlanId } from '@nebula/contract/plans';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newAccount } from '../support/stack.ts';

const { findAccount } = await import('#server/modules/account/service.ts');
const usage = await import('#server/modules/usage/service.ts');

// Each step is a call of a real database, so there are fewer than of a model in memory.
const runs = Number(process.env.QUOTA_MODEL_RUNS ?? 12);
const steps = 50;
const plan: PlanId = 'free';
const [limit, capLimit] = [250, 150];

type Open = { units: number; isCapped: boolean };
type Model = { used: number; capUsed: number; open: Open[] };
type Real = {
  account: NonNullable<Awaited<ReturnType<typeof findAccount>>>;
  cap: { accountId: string; keyId: string; limit: number };
  open: Awaited<ReturnType<typeof usage.reserveQuota>>[];
};
type Step = fc.AsyncCommand<Model, Real>;

/** Whatever was done: what the database has is what the open and the settled ones add up to. */
async function expectConserved({ capUsed, used }: Model, { account, cap }: Real): Promise<void> {
  const { remaining } = await usage.readQuota(account);
  expect(limit - remaining).toBe(used);
  const own = await usage.readQuota(account, cap);
  expect(own.remaining).toBe(Math.min(limit - used, capLimit - capUsed));
}

const reserve = (units: number, isCapped: boolean): Step => ({
  check: () => true,
  toString: () => `reserve ${units}${isCapped ? ' of the cap' : ''}`,
  run: async (model, real) => {
    const isEnough = model.used + units <= limit;
    const isCapEnough = !isCapped || model.capUsed + units <= capLimit;
    const taking = usage.reserveQuota(real.account, units, isCapped ? real.cap : undefined);
    if (isEnough && isCapEnough) {
      real.open.push(await taking);
      model.open.push({ units, isCapped });
      model.used += units;
      model.capUsed += isCapped ? units : 0;
    } else {
      await expect(taking).rejects.toMatchObject({ code: 'quota_exceeded' });
    }
    await expectConserved(model, real);
  },
});

/** Gives one back, as often as it is said. */
const release = (at: number, times: number): Step => ({
  check: ({ open }) => open.length > 0,
  toString: () => `release ${at}, ${times} times`,
  run: async (model, real) => {
    const index = at % model.open.length;
    const [reservation] = real.open.splice(index, 1);
    const [{ isCapped, units } = { isCapped: false, units: 0 }] = model.open.splice(index, 1);
    await Promise.all(Array.from({ length: times }, () => reservation?.release()));
    model.used -= units;
    model.capUsed -= isCapped ? units : 0;
    await expectConserved(model, real);
  },
});

/** A run that has ended well keeps what it took. */
const settle = (at: number): Step => ({
  check: ({ open }) => open.length > 0,
  toString: () => `settle ${at}`,
  run: async (model, real) => {
    const index = at % model.open.length;
    model.open.splice(index, 1);
    real.open.splice(index, 1)[0]?.settle();
    await expectConserved(model, real);
  },
});

test('reserve, settle and release in any order: nothing is lost, nothing given back twice', async () => {
  const place = fc.nat(20);
  const commands = fc.commands(
    [
      fc.tuple(fc.integer({ min: 1, max: 40 }), fc.boolean()).map((one) => reserve(...one)),
      fc.tuple(place, fc.integer({ min: 1, max: 3 })).map((one) => release(...one)),
      place.map(settle),
    ],
    { maxCommands: steps, size: 'max' },
  );
  const property = fc.asyncProperty(commands, async (cmds) => {
    const { id } = await newAccount({ plan });
    const account = await findAccount(id);
    if (!account) throw new Error('the account was not made');
    const cap = { accountId: id, keyId: 'key_of_the_model', limit: capLimit };
    const setup = () => ({
      model: { used: 0, capUsed: 0, open: [] },
      real: { account, cap, open: [] },
    });
    await fc.asyncModelRun(setup, cmds);
    await usage.flushUsage();
  });
  await fc.assert(property, { numRuns: runs });
}, 120_000);
