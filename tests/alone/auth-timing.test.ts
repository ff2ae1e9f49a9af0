import { beforeAll, describe, expect, test } from 'vitest';
import { call, moveElsewhere, nobody } from '../support/callers.ts';
import { login, newPerson, type Person, registered } from '../support/people.ts';

/** Of known and of unknown addresses, each: with 200 a quiet machine tells 5 ms apart. */
const samples = Number(process.env.TIMING_SAMPLES ?? 14);
/** So far apart the medians may be, where a number is given; the noise of a busy machine is more. */
const maxGapMilliseconds = Number(process.env.TIMING_GAP_MS ?? Number.POSITIVE_INFINITY);
/** Of samples without a difference, less than one in two thousand is so far from the middle. */
const maxDeviations = 3.5;
/** Neither an address nor an account is limited by so few. */
const pairsFromOneAddress = 4;
const pairsOfOnePerson = 40;

type Ask = (person: Person) => ReturnType<typeof call>;
type Pair = { known: number; unknown: number };

let people: Person[];
beforeAll(async () => {
  people = await Promise.all(
    Array.from({ length: Math.ceil(samples / pairsOfOnePerson) }, () => registered()),
  );
});

/** Of an answer of its own; while other tests fill the queue of passwords, it is asked for again. */
async function millisecondsOf(ask: Ask, person: Person, expected: number): Promise<number> {
  let milliseconds = 0;
  const status = async () => {
    const start = performance.now();
    const reply = await ask(person);
    milliseconds = performance.now() - start;
    return reply.status;
  };
  await expect.poll(status, { timeout: 60_000, interval: 2_000 }).toBe(expected);
  return milliseconds;
}

/** Asks for one right after the other, each as often the first: both find the machine as busy. */
async function samplePair(ask: Ask, expected: number, index: number): Promise<Pair> {
  if (index % pairsFromOneAddress === 0) moveElsewhere();
  const owner = people[Math.floor(index / pairsOfOnePerson)] as Person;
  const isKnownFirst = index % 2 === 0;
  const first = await millisecondsOf(ask, isKnownFirst ? owner : newPerson(), expected);
  const second = await millisecondsOf(ask, isKnownFirst ? newPerson() : owner, expected);
  return isKnownFirst ? { known: first, unknown: second } : { known: second, unknown: first };
}

const median = (values: number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Mann-Whitney: by how many standard deviations one of two samples is the larger one. */
function deviationsBetween(left: number[], right: number[]): number {
  const isLarger = (a: number, b: number) => (a > b ? 1 : a === b ? 0.5 : 0);
  const wins = left.flatMap((a) => right.map((b) => isLarger(a, b)));
  const count = left.length * right.length;
  const larger = wins.reduce<number>((sum, win) => sum + win, 0);
  return (larger - count / 2) / Math.sqrt((count * (left.length + right.length + 1)) / 12);
}

describe('the time of an answer does not tell whether an address has an account', () => {
  test.each<[what: string, expected: number, ask: Ask]>([
    ['a wrong password', 401, (person) => login({ ...person, password: 'a wrong password' })],
    ['a registration', 201, (person) => call('POST', '/auth/register', nobody, person)],
    [
      'asking for a new password',
      202,
      ({ email }) => call('POST', '/auth/password-resets', nobody, { email }),
    ],
    [
      'asking for the confirming mail again',
      202,
      ({ email }) => call('POST', '/auth/email-verifications', nobody, { email }),
    ],
  ])(
    'of %s',
    async (what, expected, ask) => {
      const pairs: Pair[] = [];
      for (let index = 0; index < samples; index++)
        pairs.push(await samplePair(ask, expected, index));
      const known = pairs.map((pair) => pair.known);
      const unknown = pairs.map((pair) => pair.unknown);
      const gap = median(known) - median(unknown);
      const deviations = deviationsBetween(known, unknown);
      const facts = `${what}: ${samples} pairs, medians ${gap.toFixed(1)} ms apart, ${deviations.toFixed(1)} deviations`;
      process.stdout.write(`${facts}\n`);
      expect(Math.abs(deviations), facts).toBeLessThan(maxDeviations);
      expect(Math.abs(gap), facts).toBeLessThan(maxGapMilliseconds);
    },
    600_000,
  );
});
