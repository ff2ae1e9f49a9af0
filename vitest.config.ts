import { defineConfig } from 'vitest/config';

const ignored = ['**/node_modules/**', '**/.data/**', '**/.next/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{contract,egress,server,components}/**/*.test.ts',
            'tests/{registry,support}/*.test.ts',
          ],
          exclude: ignored,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'local',
          include: ['local/**/*.test.ts'],
          exclude: ignored,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'media',
          include: ['media-service/**/*.test.ts'],
          exclude: ignored,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          retry: 2,
        },
      },
      {
        test: {
          name: 'api',
          include: ['tests/api/**/*.test.ts'],
          setupFiles: ['tests/support/own-address.ts'],
          exclude: ignored,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          // Sweepers and live events of the running stack take their turn on two cores.
          retry: 2,
        },
      },
      {
        test: {
          // What every other test would see: time that passes, a provider that fails, another mail.
          name: 'alone',
          include: ['tests/alone/**/*.test.ts'],
          setupFiles: ['tests/support/own-address.ts'],
          exclude: ignored,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          retry: 2,
        },
      },
      {
        test: {
          name: 'chaos',
          include: ['tests/chaos/**/*.test.ts'],
          exclude: ignored,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          // What is killed here competes with its own replacement for two cores.
          retry: 2,
        },
      },
    ],
  },
});
