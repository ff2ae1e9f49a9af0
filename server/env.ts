import { resolve } from 'node:path';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65535);
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

const day = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const quarter = '(?:[01]\\d|2[0-4]):(?:00|15|30|45)';
const officeHours = new RegExp(`^(?:${day}-${day} ${quarter}-${quarter})?$`);

const isTimeZone = (name: string) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
};

const schema = z.object({
  NODE_ENV: z.enum(['production', 'development', 'test']).default('production'),
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(3000),
  /** Where users reach this service; links and cookies are made from it, never from a Host header. */
  PUBLIC_URL: z.url().default('http://localhost:3000'),
  /** Signs sessions and cursors; at least 32 characters. */
  AUTH_SECRET: z.string().min(32),
  /** How many proxies in front of this process append to X-Forwarded-For. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),

  /** Origins whose pages may call the API from a browser, with a comma between, e.g. `https://app.example`. */
  CORS_ORIGINS: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
    .pipe(z.array(z.string().regex(/^https?:\/\/[^/\s*]+$/, 'Expected origins without a path.'))),

  /** Where media-services are, with a comma between; of several the least busy that answers is asked. */
  MEDIA_URL: z
    .string()
    .default('http://127.0.0.1:4100')
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.url()).min(1)),
  MEDIA_TOKEN: z.string().min(16),
  /** Uploads lie here while they are worked on. */
  SPOOL_DIR: z
    .string()
    .default('.data/spool')
    .transform((path) => resolve(path)),
  /** Whether the media-service sees the same SPOOL_DIR; if not, files travel over HTTP. */
  SPOOL_SHARED: flag.default(false),

  DYNAMODB_TABLE: z.string().min(3).default('nebula'),
  /** Only for a local or private endpoint; AWS is found by AWS_REGION. */
  DYNAMODB_ENDPOINT: z.url().optional(),
  AWS_REGION: z.string().default('ap-south-1'),

  /** Jobs that this process works on at once; 0 leaves them to other processes. */
  WORKER_CONCURRENCY: z.coerce.number().int().min(0).max(256).default(4),

  REDIS_URL: z.url().default('redis://127.0.0.1:6379'),

  S3_BUCKET: z.string().default('nebula'),
  /** Only for R2, MinIO or the local server; AWS S3 needs none. */
  S3_ENDPOINT: z.url().optional(),
  S3_REGION: z.string().default('auto'),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),

  /** Pusher Channels; without these three pages ask again instead of being told. */
  PUSHER_APP_ID: z.string().optional(),
  PUSHER_KEY: z.string().optional(),
  PUSHER_SECRET: z.string().optional(),
  PUSHER_CLUSTER: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .default('mt1'),
  /** Only for a server of one's own that speaks the protocol; it takes the place of the cluster. */
  PUSHER_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.-]+$/)
    .optional(),
  PUSHER_PORT: port.optional(),
  PUSHER_TLS: flag.default(true),

  /** Web Push; without these three no browser is told of anything. `npx web-push generate-vapid-keys` makes a pair. */
  VAPID_PUBLIC_KEY: z.string().optional(),
  VAPID_PRIVATE_KEY: z.string().optional(),
  /** Where push services may complain: `mailto:` or `https:`. */
  VAPID_SUBJECT: z
    .string()
    .regex(/^(mailto:|https:\/\/)./)
    .optional(),

  /** With both, people may sign in with Google; another OpenID provider is named by its issuer. */
  GOOGLE_CLIENT_ID: z.string().optional(),
  GOOGLE_CLIENT_SECRET: z.string().optional(),
  GOOGLE_ISSUER: z.url().default('https://accounts.google.com'),

  /** Without it mails wait in the outbox. */
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z.string().default('NebulaAPI <no-reply@nebula.local>'),

  /** Where the support is told that nobody has answered; without it nobody is told. */
  SUPPORT_EMAIL: z.email().optional(),
  /** When somebody is there, to the quarter of an hour, e.g. `Mon-Fri 09:00-18:00`; empty: always. */
  SUPPORT_HOURS: z
    .string()
    .regex(officeHours, 'Expected hours such as Mon-Fri 09:00-18:00.')
    .default(''),
  SUPPORT_TIMEZONE: z.string().refine(isTimeZone, 'Expected a time zone.').default('Asia/Kolkata'),
  /** A question that waits so long is told of, counted while somebody is there. */
  SUPPORT_ANSWER_MINUTES: z.coerce.number().int().min(1).default(15),
  /** An answer that lies unread so long goes to the customer by mail. */
  SUPPORT_UNREAD_MINUTES: z.coerce.number().int().min(1).default(5),

  /** Cashfree PG; its sandbox unless this names another. */
  CASHFREE_API_URL: z.url().default('https://sandbox.cashfree.com/pg'),
  CASHFREE_API_VERSION: z.iso.date().default('2025-01-01'),
  /** Without these two nothing can be bought. */
  CASHFREE_CLIENT_ID: z.string().optional(),
  CASHFREE_CLIENT_SECRET: z.string().optional(),
  /** Only for the local stand-in: its own page; with Cashfree, its script opens the checkout. */
  CASHFREE_CHECKOUT_URL: z.url().optional(),

  /** Who sells, as invoices say it; without a GSTIN they carry no GST. */
  SELLER_NAME: z.string().default('NebulaAPI'),
  SELLER_ADDRESS: z.string().optional(),
  SELLER_GSTIN: z
    .string()
    .regex(/^\d{2}[0-9A-Z]{13}$/)
    .optional(),

  /** Ports that a URL of a user may have. */
  EGRESS_PORTS: z.string().default('80,443'),
  /** The operator's own hosts that may be reached although they are not public. */
  EGRESS_ALLOW: z.string().default(''),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
});

export type Env = z.infer<typeof schema>;

/** Reads the environment once; a wrong value stops the start and names the variable. */
function readEnv(source: NodeJS.ProcessEnv): Env {
  const parsed = schema.safeParse(source);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`Wrong environment. ${problems.join('; ')}`);
}

let cached: Env | undefined;

/** The environment of the web process; read at first use, so that `next build` needs none. */
export function env(): Env {
  if (cached) return cached;
  cached = readEnv(process.env);
  // next-auth takes its own address from here alone.
  process.env.NEXTAUTH_URL ??= cached.PUBLIC_URL;
  return cached;
}
