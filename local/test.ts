import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { loadDotEnv } from './stack/dot-env.ts';
import { findPort } from './stack/ports.ts';
import { root, startStack } from './stack/stack.ts';

type Count = { passed: number; failed: number };

/** What a runner wrote down of one run; vitest lists tests, Playwright nests its files. */
type VitestReport = {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    name: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages?: string[] }[];
  }[];
};
type PlaywrightSuite = {
  file: string;
  suites?: PlaywrightSuite[];
  specs: { title: string; tests: { status: string; results: { error?: Failure }[] }[] }[];
};
type PlaywrightReport = {
  stats: { expected: number; unexpected: number; flaky: number };
  suites: PlaywrightSuite[];
};
type Failure = { message?: string };

const reports = join(root, '.data/test-reports');
const folder = join(root, '.data/test');
const failures: string[] = [];
/** Each failed test with the first line of why: the end of a long output is what people read. */
const details: string[] = [];
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
  // Where time passes it passes for every account, so what makes most of them comes last.
  await playwright();
  await vitest('alone');
  await vitest('chaos');
  await vitest('api');
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
    EGRESS_ALLOW: await receiversAllowed(),
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

/** One receiver for each of the files that run at the same time. */
async function receiversAllowed(): Promise<string> {
  const port = await findPort(3490);
  return `receiver-1.test:${port}=127.0.0.1,receiver-2.test:${port}=127.0.0.2`;
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
  const outcome = readReport<VitestReport>(report);
  for (const file of outcome?.testResults ?? []) {
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    for (const test of failed) detail(file.name, test.fullName, test.failureMessages?.[0]);
    if (failed.length === 0 && file.message) detail(file.name, 'the file', file.message);
  }
  add(
    project,
    status,
    outcome && { passed: outcome.numPassedTests, failed: outcome.numFailedTests },
  );
}

async function playwright(): Promise<void> {
  title('browser tests');
  const report = join(reports, 'e2e.json');
  process.env.PLAYWRIGHT_JSON_OUTPUT_NAME = report;
  const status = await run(['playwright', 'test', '--reporter=list,json']);
  const outcome = readReport<PlaywrightReport>(report);
  for (const suite of outcome?.suites ?? []) detailSuite(suite);
  const { expected, flaky, unexpected } = outcome?.stats ?? {
    expected: 0,
    flaky: 0,
    unexpected: 0,
  };
  add('e2e', status, outcome && { passed: expected + flaky, failed: unexpected });
}

/** A test that passed at a later try is named too: it is a defect of the test or of the page. */
function detailSuite({ file, suites = [], specs }: PlaywrightSuite): void {
  for (const { title: name, tests } of specs)
    for (const { status, results } of tests)
      if (status === 'unexpected' || status === 'flaky')
        detail(file, `${name} (${status})`, results.find(({ error }) => error)?.error?.message);
  for (const suite of suites) detailSuite(suite);
}

function detail(file: string, test: string, why = ''): void {
  const lines = stripVTControlCharacters(why).split('\n').slice(0, 6).join('\n    ');
  details.push(`  ${relative(root, resolve(root, file))} › ${test}\n    ${lines}`);
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
  if (details.length > 0) process.stdout.write(`\n${details.join('\n')}\n`);
  if (failures.length > 0) process.stdout.write(`\nfailed: ${failures.join(', ')}\n`);
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  process.exit(total.failed === 0 ? 0 : 1);
}
