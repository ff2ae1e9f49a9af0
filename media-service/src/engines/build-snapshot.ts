import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';
import { sealFile } from './seal.ts';

/**
 * Runs a worker until it is ready and writes its heap to a file: `build-snapshot.ts <entry> <file>`.
 * Node makes snapshots of one CommonJS file alone, so everything is bundled first.
 */
const [entry = '', target = ''] = process.argv.slice(2);
const oldMilliseconds = 24 * 3_600_000;

/** A module still reads its own folder, not that of the bundle; what it requires is bundled too. */
const keepPlaces: Plugin = {
  name: 'keep-places',
  transform: {
    filter: { code: 'import.meta.url' },
    handler: (code, id) => {
      const [line, require] = /const (\S+) = createRequire\(import\.meta\.url\);/.exec(code) ?? [];
      const plain =
        line && require ? code.replace(line, '').replaceAll(`${require}(`, 'require(') : code;
      return plain.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href));
    },
  },
};

/** Native code is no part of a heap; a process loads it when it comes to need it. */
const loadNativeLater: Plugin = {
  name: 'load-native-later',
  resolveId: (name) => (name === 'sharp' ? '\0sharp' : undefined),
  load: (id) =>
    id === '\0sharp'
      ? `import { createRequire } from 'node:module';
         export default createRequire(${JSON.stringify(import.meta.url)})('sharp');`
      : undefined,
};

// Two services may make the same file at once; each has its own folder until it is whole.
const folder = mkdtempSync(`${target}-`);
try {
  const bundle = await rolldown({
    input: entry,
    platform: 'node',
    plugins: [keepPlaces, loadNativeLater],
  });
  const file = join(folder, 'worker.cjs');
  await bundle.write({ file, format: 'cjs', codeSplitting: false });
  await bundle.close();
  const blob = join(folder, 'worker.blob');
  const args = ['--no-warnings', '--snapshot-blob', blob, '--build-snapshot', file];
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  sealFile(blob);
  renameSync(blob, target);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

// Those of earlier versions, and what a killed run has left.
for (const name of readdirSync(dirname(target))) {
  const path = join(dirname(target), name);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (path === target || !stat || Date.now() - stat.mtimeMs < oldMilliseconds) continue;
  rmSync(path, { recursive: true, force: true });
}
