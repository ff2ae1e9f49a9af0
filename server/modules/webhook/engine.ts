import { randomUUID } from 'node:crypto';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import { startLooker } from '../../platform/looker.ts';
import { deliverDue } from './deliver.ts';
import { finishEndpoint } from './endpoints.ts';
import { findLanes, laneLooker, withLane } from './lane.ts';
import type { EndpointRow } from './schema.ts';

const busyMilliseconds = 500;
const idleMilliseconds = 6_000;
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
    const ended = withLane(lane, owner, (endpoint) =>
      endpoint.deletedAt === undefined
        ? deliverDue(endpoint, stopping.signal)
        : finishEndpoint(endpoint, endpoint.deletedAt),
    )
      .catch((error: unknown) =>
        logger().error({ err: error, endpointId: lane.id }, 'deliveries were interrupted'),
      )
      .finally(() => running.delete(lane.id));
    running.set(lane.id, ended);
  };

  const look = async () => {
    const now = clock.now();
    if (running.size >= maxLanes) return now;
    const lanes = await findLanes(now + idleMilliseconds, maxLanes);
    for (const lane of lanes) {
      if (lane.dueAt > now) return lane.dueAt;
      if (stopping.signal.aborted || running.size >= maxLanes) return now;
      if (!running.has(lane.id)) run(lane);
    }
    return lanes.length === maxLanes ? now : undefined;
  };
  const looker = startLooker({ name: laneLooker, look, busyMilliseconds, idleMilliseconds });

  return {
    stop: async () => {
      stopping.abort();
      await looker.stop();
      await Promise.all(running.values());
    },
  };
}
