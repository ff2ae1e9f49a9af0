import { logger } from '../../platform/logger.ts';
import { sweepFiles } from './remove.ts';

const sweepMilliseconds = 5_000;

/** Removes what is due in the store, again and again; processes that do it together do no harm. */
export function startFileSweeper(): { stop: () => Promise<void> } {
  let isStopping = false;
  let timer: NodeJS.Timeout;
  const sweep = async () => {
    const swept = await sweepFiles().catch((error: unknown) =>
      logger().warn({ err: error }, 'old files were not looked for'),
    );
    const { count = 0, hasMore = false } = swept ?? {};
    if (count > 0) logger().info({ count }, 'old files were removed');
    if (!isStopping) timer = setTimeout(again, hasMore ? 0 : sweepMilliseconds);
  };
  const again = () => {
    sweeping = sweep();
  };
  let sweeping = sweep();
  return {
    stop: async () => {
      isStopping = true;
      clearTimeout(timer);
      await sweeping;
    },
  };
}
