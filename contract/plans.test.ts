import { expect, test } from 'vitest';
import { megabyte, type Plan, planIds, plans } from './plans.ts';

const list: readonly Plan[] = planIds.map((id) => plans[id]);

test('the plans allow files of 10, 50 and 200 MB', () => {
  expect(list.map((plan) => plan.maxInputBytes / megabyte)).toEqual([10, 50, 200]);
});

test('a plan is found under its own id', () => {
  for (const id of planIds) expect(plans[id].id).toBe(id);
});

test('prices are whole paise and the first plan costs nothing', () => {
  for (const { pricePaise } of list) expect(Number.isSafeInteger(pricePaise)).toBe(true);
  expect(list[0]?.pricePaise).toBe(0);
});

test('a dearer plan gives more of everything', () => {
  const limits = [
    'pricePaise',
    'maxInputBytes',
    'callsPerCycle',
    'requestsPerMinute',
    'concurrentJobs',
    'retentionSeconds',
  ] as const;
  for (const limit of limits) {
    const values = list.map((plan) => plan[limit]);
    expect(values, limit).toEqual([...new Set(values)].sort((a, b) => a - b));
  }
});
