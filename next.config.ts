import type { NextConfig } from 'next';

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm run verify` checks the types of everything, in a fraction of the time.
  typescript: { ignoreBuildErrors: true },
  transpilePackages: ['@nebula/contract', '@nebula/egress'],
  serverExternalPackages: [
    '@aws-sdk/client-dynamodb',
    '@aws-sdk/client-s3',
    '@aws-sdk/s3-request-presigner',
    '@fastify/busboy',
    '@node-rs/bcrypt',
    'bullmq',
    'electrodb',
    'ioredis',
    'pino',
    'pusher',
    'rate-limiter-flexible',
    'undici',
    'yazl',
  ],
};

export default config;
