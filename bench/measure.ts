import { type Usage, type UsageMeter, usageBetween } from './process-usage.ts';

/** What one run of one contestant took. */
export type Load = {
  requests: number;
  /** Requests a second. */
  rate: number;
  /** CPU milliseconds of one request, by process. */
  cpu: Usage;
};

/** One way of doing the work; `call` does it once and throws when the answer is wrong. */
export type Contestant = {
  concurrency: number;
  /** Requests of one round. */
  requests: number;
  call: (index: number) => Promise<unknown>;
  /** The processes whose CPU time belongs to this contestant, beside the client. */
  meter: UsageMeter;
};

/** The loads of every contestant, one for each round. */
export type Rounds<Name extends string> = Record<Name, Load[]>;

/**
 * Lets the contestants run in turn, round after round, so that whatever else the machine does hits
 * all of them. Odd rounds run backwards: nobody is always the one after the heaviest.
 */
export async function runRounds<Name extends string>(
  contestants: Record<Name, Contestant>,
  rounds: number,
  say: (text: string) => void,
): Promise<Rounds<Name>> {
  const entries = Object.entries(contestants) as [Name, Contestant][];
  const loads = Object.fromEntries(entries.map(([name]) => [name, [] as Load[]])) as Rounds<Name>;
  for (const [, contestant] of entries) await warmUp(contestant);
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? entries : entries.toReversed();
    const heard: string[] = [];
    for (const [name, contestant] of order) {
      const load = await runLoad(contestant);
      loads[name].push(load);
      heard.push(`${name} ${load.rate.toFixed(1)}/s`);
    }
    say(`round ${round + 1}/${rounds}: ${heard.join(', ')}`);
  }
  return loads;
}

async function warmUp(contestant: Contestant): Promise<void> {
  const requests = Math.min(contestant.requests, contestant.concurrency * 2);
  await runLoad({ ...contestant, requests });
}

/** A closed loop: each of `concurrency` callers sends its next request when the last is answered. */
async function runLoad({ call, concurrency, meter, requests }: Contestant): Promise<Load> {
  const before = meter();
  const startedAt = performance.now();
  let next = 0;
  const caller = async () => {
    while (next < requests) await call(next++);
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  const seconds = (performance.now() - startedAt) / 1000;
  return { requests, rate: requests / seconds, cpu: usageBetween(before, meter(), requests) };
}

/** A ratio over the rounds: the median, and how far the rounds lay apart. */
export type Ratio = { median: number; low: number; high: number };

/** How many times as fast `ours` is; rounds are compared pairwise. */
export function ratioOf(ours: Load[], theirs: Load[]): Ratio {
  return summarize(ours.map(({ rate }, round) => rate / (theirs[round]?.rate ?? Number.NaN)));
}

/** Median, lowest and highest of some figures. */
export function summarize(values: number[]): Ratio {
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) };
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return (low + high) / 2;
}

/** The median rate of a contestant, in requests a second. */
export function medianRate(loads: Load[]): number {
  return median(loads.map(({ rate }) => rate));
}
