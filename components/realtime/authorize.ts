import type { Authorize } from './connection.ts';

/** Together some two minutes: whoever restarts is back by then. */
const maxTries = 14;
const longestMilliseconds = 15_000;

/**
 * Asks again where the refusal lies in the moment: a server that restarts, or too many asking at
 * once. The client itself asks only once and would stay deaf.
 */
export function authorizeWith(ask: Authorize): Authorize {
  return async (input) => {
    for (let tries = 1; ; tries++) {
      try {
        return await ask(input);
      } catch (error) {
        if (tries === maxTries || !isPassing(error)) throw error;
        await pause(Math.random() * Math.min(longestMilliseconds, 1_000 * 2 ** tries));
      }
    }
  };
}

function isPassing(error: unknown): boolean {
  const status = (error as { data?: { httpStatus?: number } }).data?.httpStatus ?? 503;
  return status === 429 || status >= 500;
}

const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
