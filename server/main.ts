import { createServer, type RequestListener } from 'node:http';
import next from 'next';
import { env } from './env.ts';
import { keyRound } from './modules/api-key/service.ts';
import { billingRounds } from './modules/billing/service.ts';
import { fileRound } from './modules/file/service.ts';
import { startJobWorker, stopFollowing, strayRound } from './modules/job/service.ts';
import { startMailSender } from './modules/mail/service.ts';
import { startDraining } from './modules/operations/service.ts';
import { startPushSender } from './modules/push/service.ts';
import { startRealtimeSweeper } from './modules/realtime/service.ts';
import { supportRound } from './modules/support/service.ts';
import { flushUsage } from './modules/usage/service.ts';
import { startDeliveries } from './modules/webhook/service.ts';
import { refuseForPages } from './page-guard.ts';
import { setPageHeaders } from './page-headers.ts';
import { ensureTable } from './platform/dynamo.ts';
import { logger } from './platform/logger.ts';
import { redisReady } from './platform/redis.ts';
import { startRounds } from './platform/rounds.ts';
import { ensureBucket } from './platform/s3.ts';
import { letBrowsersUpload } from './platform/s3-upload.ts';
import { sweepSpool } from './platform/spool.ts';
import { callerAddress, isRestRequest, serveRest } from './rest/node.ts';

const drainMilliseconds = 25_000;

/** Starts the web process: the public API straight on node:http, every page through Next. */
async function main(): Promise<void> {
  const { HOST, NODE_ENV, PORT, TRUSTED_PROXIES, WORKER_CONCURRENCY } = env();
  await Promise.all([sweepSpool(), ensureTable(), ensureBucket(), redisReady()]);
  await letBrowsersUpload();
  const pages = next({ dev: NODE_ENV === 'development', hostname: HOST, port: PORT });
  await pages.prepare();
  const servePage = pages.getRequestHandler();
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 15 * 60_000,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 16 * 1024,
    highWaterMark: 256 * 1024,
  });
  const serve: RequestListener = (request, response) => {
    if (isRestRequest(request)) {
      serveRest(request, response, { trustedProxies: TRUSTED_PROXIES }).catch((error: unknown) => {
        logger().error({ err: error }, 'a request failed outside its handler');
        response.destroy();
      });
    } else if (isDraining && !response.headersSent) {
      response.writeHead(503, { connection: 'close', 'retry-after': '5' }).end();
    } else {
      // Pages and tRPC believe this header; what the caller wrote into it ends here.
      request.headers['x-forwarded-for'] = callerAddress(request, TRUSTED_PROXIES);
      const path = request.url?.split('?')[0];
      const requestId = setPageHeaders(request, response);
      if (refuseForPages(request, response)) return;
      response.once('finish', () => {
        if (response.statusCode >= 500) logger().error({ requestId, path }, 'a page failed');
      });
      servePage(request, response);
    }
  };
  startMailSender();
  startPushSender();
  startRealtimeSweeper();
  server.on('request', serve);
  // Without this Node says "continue" by itself, and the body comes before the caller is known.
  server.on('checkContinue', serve);
  if (NODE_ENV === 'development') server.on('upgrade', pages.getUpgradeHandler());

  const worker = WORKER_CONCURRENCY > 0 ? startJobWorker(WORKER_CONCURRENCY) : undefined;
  const deliveries = startDeliveries();
  const rounds = startRounds([
    ...(env().CASHFREE_CLIENT_ID ? billingRounds : []),
    fileRound,
    keyRound,
    strayRound,
    supportRound,
  ]);
  let isDraining = false;
  const stop = () => {
    if (isDraining) process.exit(0);
    isDraining = true;
    startDraining();
    const forced = setTimeout(() => process.exit(0), drainMilliseconds);
    forced.unref();
    stopFollowing();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    Promise.all([closed, worker?.stop(), deliveries.stop(), rounds.stop()])
      .then(flushUsage)
      .finally(() => process.exit(0));
    // Again and again: a connection that is busy now stays open for a next request after its answer.
    setInterval(() => server.closeIdleConnections(), 100).unref();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  server.once('error', (error: NodeJS.ErrnoException) => fail(error, PORT));
  server.listen(PORT, HOST, () => logger().info({ host: HOST, port: PORT }, 'web is listening'));
}

function fail(error: NodeJS.ErrnoException, port: number): never {
  const taken =
    error.code === 'EADDRINUSE' ? `Port ${port} is taken. Set PORT to another one.` : '';
  process.stderr.write(`${taken || error.message}\n`);
  process.exit(1);
}

main().catch((error: unknown) => fail(error as NodeJS.ErrnoException, 0));
