import { z } from 'zod';
import { startChannels } from './server.ts';

const env = z
  .object({
    CHANNELS_PORT: z.coerce.number().int(),
    PUSHER_APP_ID: z.string(),
    PUSHER_KEY: z.string(),
    PUSHER_SECRET: z.string(),
    CHANNELS_REDIS_URL: z.string().optional(),
    CHANNELS_BEAT_MS: z.coerce.number().int().min(10).optional(),
    CHANNELS_AUTHORIZE_MS: z.coerce.number().int().min(10).optional(),
  })
  .safeParse(process.env);

if (!env.success) fail(env.error.issues.map((issue) => issue.path.join('.')).join(', '));

try {
  const server = await startChannels({
    port: env.data.CHANNELS_PORT,
    appId: env.data.PUSHER_APP_ID,
    key: env.data.PUSHER_KEY,
    secret: env.data.PUSHER_SECRET,
    redisUrl: env.data.CHANNELS_REDIS_URL,
    beatMilliseconds: env.data.CHANNELS_BEAT_MS,
    authorizeMilliseconds: env.data.CHANNELS_AUTHORIZE_MS,
  });
  process.stdout.write(`channels is ready at http://127.0.0.1:${server.port}\n`);
  process.on('SIGTERM', () => void server.close().then(() => process.exit(0)));
} catch (error) {
  fail((error as Error).message);
}

function fail(reason: string): never {
  process.stderr.write(`channels cannot start: ${reason}\n`);
  process.exit(1);
}
