import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { killAllGroups } from '../jobs/process-group.ts';
import type { Logger } from '../logger.ts';
import type { MediaServer } from './media-server.ts';

/** Running jobs may finish for so long after the first signal. */
const defaultFinishMs = 23_000;

/** Past `finishMs`, stopping jobs, connections and engines may take so long; then we just leave. */
const stopMs = 6000;

type Service = { server: MediaServer; logger: Logger; finishMs?: number };

/**
 * Runs the service of this process until a signal. The first SIGTERM or SIGINT drains it and ends
 * with 0, a second one ends it at once; an error that nobody caught is logged and ends it with 1.
 * What is wrong at the start, such as a variable or the port, is said in one line on stderr.
 */
export async function runService(create: () => Service): Promise<void> {
  try {
    const service = create();
    preferKillingChildren();
    const isDraining = handleSignals(service);
    const port = await service.server.listen();
    service.logger.info({ port }, 'listening');
    await service.server.startEngines();
    if (!isDraining()) service.logger.info('engines tried');
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ');
    const name = 'media-service: ';
    process.stderr.write(`${reason.startsWith(name) ? '' : name}${reason}\n`);
    exitNow(1);
  }
}

function handleSignals({ server, logger, finishMs = defaultFinishMs }: Service): () => boolean {
  let isDraining = false;
  const onSignal = (signal: 'SIGTERM' | 'SIGINT') => {
    if (isDraining) exitNow(128 + constants.signals[signal]);
    isDraining = true;
    logger.info({ signal }, 'draining');
    setTimeout(() => {
      logger.error('draining took too long');
      exitNow(1);
    }, finishMs + stopMs);
    void server.drain(finishMs).then(() => {
      logger.info('drained');
      exitNow(0);
    });
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'an error that nobody caught');
    exitNow(1);
  });
  return () => isDraining;
}

function exitNow(code: number): never {
  killAllGroups();
  process.exit(code);
}

/** Where memory runs out the kernel shall take a child; lowering one's own score needs root. */
function preferKillingChildren(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '-500');
  } catch {
    // Children raise theirs, which is enough.
  }
}
