import type { NextConfig } from 'next';

const isDevelopment = process.env.NODE_ENV === 'development';

/**
 * Pages load nothing from another host. Scripts may be inline because prerendered pages cannot carry
 * a nonce; previews of results are blobs of the page itself.
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  `script-src 'self' 'unsafe-inline'${isDevelopment ? " 'unsafe-eval'" : ''}`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  'media-src blob:',
  'frame-src blob:',
  `connect-src 'self'${isDevelopment ? ' ws:' : ''}`,
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'Content-Security-Policy', value: contentSecurityPolicy },
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
        { key: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=()' },
      ],
    },
  ],
  // `npm run verify` checks the types of everything, in a fraction of the time.
  typescript: { ignoreBuildErrors: true },
  transpilePackages: ['@nebula/contract', '@nebula/egress'],
  serverExternalPackages: [
    '@aws-sdk/client-dynamodb',
    '@aws-sdk/client-s3',
    '@aws-sdk/s3-request-presigner',
    '@fastify/busboy',
    '@node-rs/bcrypt',
    'electrodb',
    'ioredis',
    'pino',
    'rate-limiter-flexible',
    'undici',
    'yazl',
  ],
};

export default config;
