import { z } from 'zod';
import { startMail } from './server.ts';

const env = z
  .object({
    MAIL_SMTP_PORT: z.coerce.number().int(),
    MAIL_WEB_PORT: z.coerce.number().int(),
    MAIL_DIR: z.string(),
  })
  .safeParse(process.env);

if (!env.success) fail(env.error.issues.map((issue) => issue.path.join('.')).join(', '));

try {
  const server = await startMail({
    smtpPort: env.data.MAIL_SMTP_PORT,
    webPort: env.data.MAIL_WEB_PORT,
    dir: env.data.MAIL_DIR,
  });
  process.stdout.write(`mail is ready at http://127.0.0.1:${server.webPort}\n`);
  process.on('SIGTERM', () => void server.close().then(() => process.exit(0)));
} catch (error) {
  fail((error as Error).message);
}

function fail(reason: string): never {
  process.stderr.write(`mail cannot start: ${reason}\n`);
  process.exit(1);
}
