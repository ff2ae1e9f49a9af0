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
const failures: string[] = [];
/** Each failed test with the first line of why: the end of a long output is what people read. */
const details: string[] = [];
const total: Count = { passed: 0, failed: 0 };

loadDotEnv(root);
// Hundreds of processes load the same modules: compiling them once takes a third off each start.
process.env.NODE_COMPILE_CACHE ??= join(root, '.data/compile-cache');
/** As it is before a stack writes the addresses of its parts into it. */
const plainEnv = { ...process.env };

const [only, ...rest] = process.argv.slice(2);
if (only) process.exit(await runOnly(only, rest));

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
await step('style and import rules', ['biome', 'check', '--error-on-warnings', '.']);
await step('types', ['tsc', '--noEmit']);
await vitest('media');
await withStack({ name: 'test', basePort: 3400 }, async () => {
  // Where time passes it passes for every account, so what makes most of them comes last.
  await playwright();
  title('alone, then api tests; beside them, since they often wait, chaos, unit and local tests');
  const aside = chaosApart().then(unitsBeside);
  await vitest('alone', { isBeside: true });
  await vitest('api');
  await aside;
});
finish();

/** One kind of test, or some files of it, on a stack of its own where it needs one. */
async function runOnly(project: string, args: string[]): Promise<number> {
  const runner = project === 'e2e' ? [inBin('playwright'), 'test'] : vitestOf(project);
  const runs = () => run([...runner, ...args]);
  if (['unit', 'local', 'media'].includes(project)) return runs();
  let status = 1;
  await withStack({ name: `test-${project}`, basePort: 3600 }, async () => {
    status = await runs();
  });
  return status;
}

async function unitsBeside(): Promise<void> {
  await vitest('unit', { isBeside: true, env: plainEnv });
  await vitest('local', { isBeside: true, env: plainEnv });
}

/** What kills parts of its stack has one of its own, in a process of its own. */
async function chaosApart(): Promise<void> {
  const command = [process.execPath, join(root, 'local/test.ts'), 'chaos'];
  const { output, status } = await runAside(command, plainEnv);
  process.stdout.write(`\n── chaos tests\n${output}`);
  addVitest('chaos', status);
}

/** Tests of the whole run against the built app, with ports and data of their own. */
async function withStack(
  { basePort, name }: { name: string; basePort: number },
  tests: () => Promise<void>,
): Promise<void> {
  const folder = join(root, '.data', name);
  rmSync(folder, { recursive: true, force: true });
  // Where the tests listen for webhooks; every other address of this machine stays forbidden.
  const overrides = {
    CORS_ORIGINS: 'https://app.example',
    GOOGLE_CLIENT_ID: 'nebula-test',
    GOOGLE_CLIENT_SECRET: 'a secret of the test',
    GOOGLE_ISSUER: `http://localhost:${await findPort(basePort + 91)}`,
    EGRESS_ALLOW: receiversAllowed(await findPort(basePort + 90)),
  };
  const options = { folder, basePort, overrides, isPassing: true, quiet: true };
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
function receiversAllowed(port: number): string {
  return `receiver-1.test:${port}=127.0.0.1,receiver-2.test:${port}=127.0.0.2`;
}

async function step(name: string, [tool, ...args]: [string, ...string[]]): Promise<void> {
  title(name);
  if ((await run([inBin(tool), ...args])) !== 0) {
    failures.push(name);
    total.failed += 1;
  }
}

/** @param options `isBeside`: others run at the same time, so it is printed when it is over */
async function vitest(
  project: string,
  { env = process.env, isBeside = false }: { env?: NodeJS.ProcessEnv; isBeside?: boolean } = {},
): Promise<void> {
  if (!isBeside) title(`${project} tests`);
  const command = vitestOf(project);
  if (!isBeside) return addVitest(project, await run(command));
  const { output, status } = await runAside(command, env);
  process.stdout.write(`\n── ${project} tests\n${output}`);
  addVitest(project, status);
}

function reportOf(project: string): string {
  return join(reports, `${project}.json`);
}

function vitestOf(project: string): string[] {
  const reporters = ['--reporter=default', '--reporter=json'];
  const output = `--outputFile.json=${reportOf(project)}`;
  return [inBin('vitest'), 'run', '--project', project, ...reporters, output];
}

function addVitest(project: string, status: number): void {
  const outcome = readReport<VitestReport>(reportOf(project));
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
  const status = await run([inBin('playwright'), 'test', '--reporter=list,json']);
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
function run([command = '', ...args]: string[]): Promise<number> {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

/** Runs beside others: what it says comes as a whole. */
async function runAside([command = '', ...args]: string[], env: NodeJS.ProcessEnv) {
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const status = await new Promise<number>((resolve) =>
    child.once('close', (code) => resolve(code ?? 1)),
  );
  return { output, status };
}

function inBin(command: string): string {
  return join(root, 'node_modules/.bin', command);
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
