import type { Authorize } from './connection.ts';

/** Together some two minutes: whoever restarts is back by then. */
const maxTries = 14;
const longestMilliseconds = 15_000;

/**
 * Asks again where the refusal lies in the moment: a server that restarts, or too many asking at
 * once. The client itself asks only once and would stay deaf. For a socket that is closed meanwhile
 * nobody asks any more.
 */
export function authorizeWith(ask: Authorize, isOpen: (socketId: string) => boolean): Authorize {
  return async (input) => {
    for (let tries = 1; ; tries++) {
      try {
        return await ask(input);
      } catch (error) {
        const isVain = tries === maxTries || !isOpen(input.socket_id);
        if (isVain || !isPassing(error)) throw error;
        await pause(Math.random() * Math.min(longestMilliseconds, 1_000 * 2 ** tries));
      }
    }
  };
}

/** Whether the same question may be answered later. */
export function isPassing(error: unknown): boolean {
  const status = (error as { data?: { httpStatus?: number } }).data?.httpStatus ?? 503;
  return status === 429 || status >= 500;
}

const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
