import { z } from 'zod';
import { startCashfree } from './server.ts';

const env = z
  .object({
    CASHFREE_PORT: z.coerce.number().int(),
    CASHFREE_DIR: z.string(),
    CASHFREE_CLIENT_ID: z.string(),
    CASHFREE_CLIENT_SECRET: z.string(),
    CASHFREE_API_VERSION: z.string().optional(),
    CASHFREE_WEBHOOK_URL: z.string().optional(),
  })
  .safeParse(process.env);

if (!env.success) fail(env.error.issues.map((issue) => issue.path.join('.')).join(', '));

try {
  const server = await startCashfree({
    port: env.data.CASHFREE_PORT,
    dir: env.data.CASHFREE_DIR,
    clientId: env.data.CASHFREE_CLIENT_ID,
    clientSecret: env.data.CASHFREE_CLIENT_SECRET,
    version: env.data.CASHFREE_API_VERSION,
    webhookUrl: env.data.CASHFREE_WEBHOOK_URL,
  });
  process.stdout.write(`cashfree is ready at http://127.0.0.1:${server.port}\n`);
  process.on('SIGTERM', () => void server.close().then(() => process.exit(0)));
} catch (error) {
  fail((error as Error).message);
}

function fail(reason: string): never {
  process.stderr.write(`cashfree cannot start: ${reason}\n`);
  process.exit(1);
}
