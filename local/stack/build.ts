import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const sources = ['app', 'components', 'contract', 'egress', 'server', 'public'];
const files = ['next.config.ts', 'package-lock.json', 'postcss.config.mjs', 'tsconfig.json'];

/** Builds the pages when a source has changed since the last build. */
export async function buildWeb(root: string): Promise<void> {
  const stamp = join(root, '.next/source-hash');
  const hash = hashSources(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  process.stdout.write('setup: building the pages\n');
  const built = spawnSync(
    process.execPath,
    [join(root, 'node_modules/next/dist/bin/next'), 'build'],
    {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
      encoding: 'utf8',
    },
  );
  if (built.status !== 0) throw new Error(`next build failed.\n${built.stdout}\n${built.stderr}`);
  writeFileSync(stamp, hash);
}

function hashSources(root: string): string {
  const hash = createHash('sha256');
  for (const folder of sources) {
    if (!existsSync(join(root, folder))) continue;
    for (const name of readdirSync(join(root, folder), { recursive: true }).map(String).sort()) {
      const path = join(root, folder, name);
      if (name.endsWith('.test.ts') || !statSync(path).isFile()) continue;
      hash.update(`${folder}/${name}\0`).update(readFileSync(path));
    }
  }
  for (const name of files) {
    if (existsSync(join(root, name))) hash.update(readFileSync(join(root, name)));
  }
  return hash.digest('hex');
}
