import { logger } from '../../platform/logger.ts';
import { readText } from '../../platform/s3.ts';
import type { JobRow } from './schema.ts';

/** The options that a job was given; undefined once they are removed. */
export async function readOptions(row: JobRow): Promise<Record<string, unknown> | undefined> {
  try {
    return JSON.parse(await readText(row.optionsKey)) as Record<string, unknown>;
  } catch (error) {
    logger().debug({ err: error, job: row.id }, 'the options of a job are not there');
    return undefined;
  }
}
