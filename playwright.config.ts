import { readFileSync } from 'node:fs';
import { defineConfig } from '@playwright/test';
import { findChromium } from './local/programs.mjs';

const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];

/** Push messages are no part of the headless shell, which takes a fifth less work otherwise. */
const ofWholeBrowser = 'push.spec.ts';

const stackFile = process.env.NEBULA_STACK_FILE ?? '.data/stack.json';

/** Journeys through the running stack, which `npm start` or `npm test` starts. */
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
    screenshot: 'only-on-failure',
  },
  projects: [
    {
      name: 'headless shell',
      testIgnore: ofWholeBrowser,
      use: { launchOptions: { executablePath: findChromium(), args } },
    },
    {
      name: 'whole browser',
      testMatch: ofWholeBrowser,
      use: { launchOptions: { executablePath: '/usr/bin/chromium', args } },
    },
  ],
});
