import pino, { type Logger } from 'pino';
import type { Env } from './env.ts';

export type { Logger };

/**
 * The log of this process: one JSON line per event on stdout. Headers and options are never logged,
 * because they hold secrets and the text of customers.
 */
export function createLogger(level: Env['LOG_LEVEL']): Logger {
  return pino({ level, base: { service: 'media-service', pid: process.pid } });
}
