import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';

const schema = z.object({
  MEDIA_HOST: z.string().default('127.0.0.1'),
  MEDIA_PORT: z.coerce.number().int().min(0).max(65535).default(4100),
  /** Shared secret of the web process and this service. */
  MEDIA_TOKEN: z.string().min(16),
  /** Work folders of running jobs. */
  MEDIA_WORK_DIR: z
    .string()
    .default('.data/work')
    .transform((path) => resolve(path)),
  /** Folder that the web process and this service share; without it files travel in the body. */
  SPOOL_DIR: z
    .string()
    .optional()
    .transform((path) => path && resolve(path)),
  MEDIA_SLOTS: z.coerce.number().int().min(1).max(64).default(Math.max(1, availableParallelism())),
  /** Jobs that may wait for one engine; one more is refused with 429. */
  MEDIA_MAX_QUEUE: z.coerce.number().int().min(0).max(10_000).default(64),
  CHROMIUM_PATH: z.string().default('/usr/bin/chromium-headless-shell'),
  CHROMIUM_ISOLATION: z.enum(['context', 'browser']).default('context'),
  CHROMIUM_NO_SANDBOX: z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true'),
  FFMPEG_PATH: z.string().default('ffmpeg'),
  GHOSTSCRIPT_PATH: z.string().default('gs'),
  FFPROBE_PATH: z.string().default('ffprobe'),
  PYTHON_PATH: z.string().default('/usr/bin/python3'),
  /** Ports that a URL of a user may have. */
  EGRESS_PORTS: z.string().default('80,443'),
  /** The operator's own hosts that may be reached although they are not public. */
  EGRESS_ALLOW: z.string().default(''),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
});

export type Env = z.infer<typeof schema>;

/** Reads the environment once; a wrong value stops the start and names the variable. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const parsed = schema.safeParse(source);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`media-service: wrong environment. ${problems.join('; ')}`);
}
