import { randomUUID } from 'node:crypto';
import { logger } from '../../platform/logger.ts';
import { deliverDue } from './deliver.ts';
import { findDueLanes, withLane } from './lane.ts';
import type { EndpointRow } from './schema.ts';

const lookMilliseconds = 500;
const maxLanes = 200;

/**
 * Delivers what is due, from now on. The database is the truth: processes share the work through
 * leases there, and one that dies leaves nothing behind but a lease that ends.
 */
export function startDeliveries(): { stop: () => Promise<void> } {
  const owner = randomUUID();
  const stopping = new AbortController();
  const running = new Map<string, Promise<void>>();

  const run = (lane: EndpointRow) => {
    const ended = withLane(lane, owner, (endpoint) => deliverDue(endpoint, stopping.signal))
      .catch((error: unknown) =>
        logger().error({ err: error, endpointId: lane.id }, 'deliveries were interrupted'),
      )
      .finally(() => running.delete(lane.id));
    running.set(lane.id, ended);
  };

  const look = async () => {
    if (running.size >= maxLanes) return;
    for (const lane of await findDueLanes(maxLanes)) {
      if (stopping.signal.aborted || running.size >= maxLanes) return;
      if (!running.has(lane.id)) run(lane);
    }
  };

  let timer: NodeJS.Timeout;
  const lookAgainAndAgain = async () => {
    await look().catch((error: unknown) =>
      logger().warn({ err: error }, 'due deliveries could not be looked for'),
    );
    if (!stopping.signal.aborted) timer = setTimeout(lookAgainAndAgain, lookMilliseconds);
  };
  const looking = lookAgainAndAgain();

  return {
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await looking;
      await Promise.all(running.values());
    },
  };
}
