import { type Fault, type FaultProxy, startFaultProxy, through } from './fault-proxy.ts';
import { startSecondWeb } from './second-web.ts';
import { stack } from './stack.ts';

/** What a web process depends on, and the variables by which it finds it. */
const addresses = {
  dynamodb: stack.env.DYNAMODB_ENDPOINT,
  redis: stack.env.REDIS_URL,
  s3: stack.env.S3_ENDPOINT,
  channels: `http://127.0.0.1:${stack.env.PUSHER_PORT}`,
  mail: stack.env.SMTP_URL,
  media: stack.env.MEDIA_URL,
};

export type Dependency = keyof typeof addresses;

export const dependencies = Object.keys(addresses) as Dependency[];

/**
 * A web process with jobs of its own, in a table, a bucket and a Redis database that no other process
 * works on, and a proxy before each of its dependencies. From here on this file works on those too.
 */
export async function startFaultyWeb() {
  const proxies = {} as Record<Dependency, FaultProxy>;
  const at = {} as Record<Dependency, string>;
  for (const name of dependencies) {
    const address = addresses[name] ?? '';
    proxies[name] = await startFaultProxy(new URL(address));
    at[name] = through(address, proxies[name]);
  }
  const own = { DYNAMODB_TABLE: 'nebula-faults', S3_BUCKET: 'nebula-faults' };
  Object.assign(process.env, own);
  const web = await startSecondWeb({
    ...own,
    DYNAMODB_ENDPOINT: at.dynamodb,
    REDIS_URL: `${at.redis}/1`,
    S3_ENDPOINT: at.s3,
    PUSHER_PORT: String(proxies.channels.port),
    SMTP_URL: at.mail,
    MEDIA_URL: at.media,
    // Outputs come through the proxy as well.
    SPOOL_SHARED: 'false',
    WORKER_CONCURRENCY: '8',
  });
  return {
    api: web.api,
    fail: (name: Dependency, fault: Fault) => proxies[name].fail(fault),
    heal: () => Promise.all(dependencies.map((name) => proxies[name].heal())),
    stop: async () => {
      await web.stop();
      for (const name of dependencies) await proxies[name].close();
    },
  };
}
