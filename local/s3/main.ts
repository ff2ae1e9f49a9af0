import { z } from 'zod';
import { startS3 } from './server.ts';

const env = z
  .object({
    S3_PORT: z.coerce.number().int(),
    S3_DIR: z.string(),
    S3_ACCESS_KEY_ID: z.string(),
    S3_SECRET_ACCESS_KEY: z.string(),
    S3_BUCKETS: z.string().default(''),
    S3_CORS_ORIGINS: z.string().default(''),
  })
  .safeParse(process.env);

if (!env.success) fail(env.error.issues.map((issue) => issue.path.join('.')).join(', '));

const list = (text: string) => text.split(',').filter(Boolean);

try {
  const server = await startS3({
    port: env.data.S3_PORT,
    dir: env.data.S3_DIR,
    accessKeyId: env.data.S3_ACCESS_KEY_ID,
    secretAccessKey: env.data.S3_SECRET_ACCESS_KEY,
    buckets: list(env.data.S3_BUCKETS),
    corsOrigins: list(env.data.S3_CORS_ORIGINS),
  });
  process.stdout.write(`s3 is ready at ${server.url}\n`);
  process.on('SIGTERM', () => void server.close().then(() => process.exit(0)));
} catch (error) {
  fail((error as Error).message);
}

function fail(reason: string): never {
  process.stderr.write(`s3 cannot start: ${reason}\n`);
  process.exit(1);
}
