import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadDotEnv } from './stack/dot-env.ts';
import { findPort } from './stack/ports.ts';
import { root, startStack } from './stack/stack.ts';

type Count = { passed: number; failed: number };

const reports = join(root, '.data/test-reports');
const folder = join(root, '.data/test');
const failures: string[] = [];
const total: Count = { passed: 0, failed: 0 };

loadDotEnv(root);
rmSync(reports, { recursive: true, force: true });
rmSync(folder, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

await step('style and import rules', ['biome', 'check', '--error-on-warnings', '.']);
await step('types', ['tsc', '--noEmit']);
await vitest('unit');
await vitest('local');
await vitest('media');
await withStack(async () => {
  await vitest('api');
  await vitest('chaos');
  await playwright();
});
finish();

/** Tests of the whole run against the built app, with ports and data of their own. */
async function withStack(tests: () => Promise<void>): Promise<void> {
  // Where the tests listen for webhooks; every other address of this machine stays forbidden.
  const overrides = {
    CORS_ORIGINS: 'https://app.example',
    GOOGLE_CLIENT_ID: 'nebula-test',
    GOOGLE_CLIENT_SECRET: 'a secret of the test',
    GOOGLE_ISSUER: `http://localhost:${await findPort(3491)}`,
    EGRESS_ALLOW: `receiver.test:${await findPort(3490)}=127.0.0.1`,
  };
  const options = { folder, basePort: 3400, overrides, quiet: true };
  const stack = await startStack(options).catch((error: Error) => {
    failures.push(`the stack did not start: ${error.message}`);
    total.failed += 1;
  });
  if (!stack) return;
  process.env.NEBULA_STACK_FILE = join(folder, 'stack.json');
  await tests();
  await stack.stop();
}

async function step(name: string, command: [string, ...string[]]): Promise<void> {
  title(name);
  if ((await run(command)) !== 0) {
    failures.push(name);
    total.failed += 1;
  }
}

async function vitest(project: string): Promise<void> {
  title(`${project} tests`);
  const report = join(reports, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const status = await run(['vitest', 'run', '--project', project, ...reporters]);
  const counts = readReport<{ numPassedTests: number; numFailedTests: number }>(report);
  add(project, status, counts && { passed: counts.numPassedTests, failed: counts.numFailedTests });
}

async function playwright(): Promise<void> {
  title('browser tests');
  const report = join(reports, 'e2e.json');
  process.env.PLAYWRIGHT_JSON_OUTPUT_NAME = report;
  const status = await run(['playwright', 'test', '--reporter=list,json']);
  const counts = readReport<{ stats: { expected: number; unexpected: number; flaky: number } }>(
    report,
  );
  add('e2e', status, counts && { passed: counts.stats.expected, failed: counts.stats.unexpected });
}

/** A runner that died without a report counts as one failure: silence is never success. */
function add(name: string, status: number, counts: Count | undefined): void {
  total.passed += counts?.passed ?? 0;
  total.failed += counts?.failed ?? 0;
  if (status === 0 && counts && counts.passed > 0) return;
  failures.push(name);
  if (!counts?.failed) total.failed += 1;
}

function readReport<T>(path: string): T | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
}

/** Runs without blocking: the supervisor in this process keeps reading the logs of its parts. */
function run([command, ...args]: [string, ...string[]]): Promise<number> {
  const path = join(root, 'node_modules/.bin', command);
  const child = spawn(path, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

function title(text: string): void {
  process.stdout.write(`\n── ${text}\n`);
}

function finish(): never {
  if (failures.length > 0) process.stdout.write(`\nfailed: ${failures.join(', ')}\n`);
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  process.exit(total.failed === 0 ? 0 : 1);
}
