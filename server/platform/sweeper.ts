import { logger } from './logger.ts';

/**
 * Does what is due, again and again, until it is stopped; what was begun is ended first.
 *
 * @param sweep does one round. @returns whether there is more to do at once
 */
export function startSweeper(
  sweep: () => Promise<boolean>,
  { everyMilliseconds, problem }: { everyMilliseconds: number; problem: string },
): { stop: () => Promise<void> } {
  let isStopping = false;
  let timer: NodeJS.Timeout;
  const round = async () => {
    const hasMore = await sweep().catch((error: unknown) => {
      logger().warn({ err: error }, problem);
      return false;
    });
    if (!isStopping) timer = setTimeout(again, hasMore ? 0 : everyMilliseconds);
  };
  const again = () => {
    sweeping = round();
  };
  let sweeping = round();
  return {
    stop: async () => {
      isStopping = true;
      clearTimeout(timer);
      await sweeping;
    },
  };
}
