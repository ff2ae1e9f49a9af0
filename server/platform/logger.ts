import { type Logger, pino } from 'pino';
import { env } from '../env.ts';

let root: Logger | undefined;

/** The log of the web process: JSON lines, without secrets. */
export function logger(): Logger {
  root ??= pino({
    level: env().LOG_LEVEL,
    base: { part: 'web' },
    redact: ['*.authorization', '*.cookie', '*.password', '*.token', '*.secret'],
  });
  return root;
}
