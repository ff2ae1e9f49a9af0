import { readFileSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const stackFile = process.env.NEBULA_STACK_FILE ?? '.data/stack.json';

/** Journeys through the running stack in Debian's Chromium; `npm start` or `npm test` starts it. */
export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: '.data/test-results',
  timeout: 120_000,
  expect: { timeout: 15_000 },
  // A page that is slow on a busy machine is tried again, and named at the end as flaky.
  retries: 2,
  fullyParallel: false,
  workers: 2,
  use: {
    baseURL: (JSON.parse(readFileSync(stackFile, 'utf8')) as { url: string }).url,
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    },
    screenshot: 'only-on-failure',
  },
});
