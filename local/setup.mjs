// Runs on any Node from 20 on and without a single package: it brings the machine to the point where
// the rest of the project can run, then hands over to `local/<command>.ts` on Node 24.
import { spawn, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium, findProgram, findPython, hasProgramOf } from './programs.mjs';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const minNode = 24;

/** What the product needs of the system, with the names of Debian and of Homebrew. */
const systemPackages = [
  ['chromium-headless-shell', '--cask chromium'],
  ['python3-opencv', 'opencv'],
  ['ffmpeg', 'ffmpeg'],
  ['ghostscript', 'ghostscript'],
  ['qpdf', 'qpdf'],
  ['redis-server', 'redis'],
  ['default-jre-headless', 'openjdk'],
  ['util-linux', ''],
  ['fonts-liberation', '--cask font-liberation'],
  ['fonts-crosextra-carlito', ''],
  ['fonts-crosextra-caladea', ''],
  ['fonts-noto-core', '--cask font-noto-sans'],
  ['fonts-noto-cjk', '--cask font-noto-sans-cjk'],
  ['fonts-noto-color-emoji', '--cask font-noto-color-emoji'],
];

/** What only the tests and the benchmarks need. */
const testPackages = [
  ['chromium', '--cask chromium'],
  ['poppler-utils', 'poppler'],
  ['openssl', 'openssl'],
];

const [command = 'start', ...rest] = process.argv.slice(2);

installSystemPackages(
  needsTestPackages(command) ? [...systemPackages, ...testPackages] : systemPackages,
);
installNodePackages();
createEnvironment();
handOver();

function needsTestPackages(name) {
  return name === 'test' || name === 'bench';
}

function installSystemPackages(wanted) {
  const names = wanted.map(([debian]) => debian);
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  if (process.platform !== 'linux' || !has('apt-get')) giveUp(missing, wanted);
  const sudo = process.getuid?.() === 0 ? [] : has('sudo') ? ['sudo'] : giveUp(missing, wanted);
  say(`installing ${missing.join(', ')}`);
  const apt = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  run([...apt, 'update', '-qq'], { quiet: true, optional: true });
  run([...apt, 'install', '-y', '-qq', '--no-install-recommends', ...missing], { quiet: true });
}

function isInstalled(name) {
  if (!has('dpkg-query')) return hasProgramOf(name);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholder.
  const asked = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name]);
  return asked.stdout?.toString() === 'installed';
}

function giveUp(missing, wanted) {
  const brew = wanted
    .filter(([debian, mac]) => missing.includes(debian) && mac)
    .map(([, mac]) => mac);
  fail(
    [
      'These system packages are missing, and this account cannot install them:',
      `  Debian, Ubuntu: sudo apt-get install -y ${missing.join(' ')}`,
      ...brew.map((name) => `  macOS:          brew install ${name}`),
      'Install them, then run the same command again.',
    ].join('\n'),
  );
}

function installNodePackages() {
  const marker = join(root, 'node_modules/.lock-hash');
  const lock = readFileSync(join(root, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === hash) return;
  say('installing Node packages');
  run(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(marker, hash);
}

/** Secrets of this machine; made once, never committed. */
function createEnvironment() {
  mkdirSync(join(root, '.data'), { recursive: true });
  const file = join(root, '.env');
  if (existsSync(file)) return;
  const secret = () => randomBytes(32).toString('base64url');
  const { d, x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    format: 'jwk',
  });
  const point = [x, y].map((part) => Buffer.from(part, 'base64url'));
  const lines = [
    '# Made by the first start. Each part runs on this machine unless its variable is set here:',
    '# DynamoDB: AWS_REGION and credentials with DYNAMODB_TABLE   Redis: REDIS_URL',
    '# S3 or R2: S3_BUCKET, S3_ENDPOINT, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY',
    '# Pusher: PUSHER_APP_ID, PUSHER_KEY, PUSHER_SECRET, PUSHER_CLUSTER   Mail: SMTP_URL',
    `AUTH_SECRET=${secret()}`,
    `MEDIA_TOKEN=${secret()}`,
    `LOCAL_SECRET=${secret()}`,
    // The media-service knows where Debian keeps them.
    ...(has('dpkg-query')
      ? []
      : [`CHROMIUM_PATH=${findChromium()}`, `PYTHON_PATH=${findPython()}`]),
    '# Browsers that asked for notifications know the public key; with another pair they ask again.',
    `VAPID_PUBLIC_KEY=${Buffer.concat([Buffer.from([4]), ...point]).toString('base64url')}`,
    `VAPID_PRIVATE_KEY=${d}`,
    'VAPID_SUBJECT=mailto:support@nebula.local',
    '',
  ];
  writeFileSync(file, lines.join('\n'), { mode: 0o600 });
}

function handOver() {
  const child = spawn(findNode(), [join(root, 'local', `${command}.ts`), ...rest], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      NEXT_TELEMETRY_DISABLED: '1',
      PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
    },
  });
  // The terminal sends Ctrl-C to the whole group; this process only waits for the end.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

function findNode() {
  const own = join(root, 'node_modules/.bin/node');
  if (existsSync(own) && spawnSync(own, ['--version']).status === 0) return own;
  if (Number(process.versions.node.split('.')[0]) >= minNode) return process.execPath;
  fail(
    `Node ${minNode} is needed, and npm has none for this machine. Install it: brew install node@${minNode}`,
  );
}

function has(name) {
  return findProgram(name) !== undefined;
}

function run([name, ...args], { quiet = false, optional = false } = {}) {
  const done = spawnSync(name, args, {
    cwd: root,
    stdio: quiet ? ['ignore', 'ignore', 'pipe'] : ['ignore', 'inherit', 'inherit'],
  });
  if (done.status !== 0 && !optional)
    fail(`${name} ${args.join(' ')} failed.\n${done.stderr?.toString().slice(-2000) ?? ''}`);
}

function say(text) {
  process.stdout.write(`setup: ${text}\n`);
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
