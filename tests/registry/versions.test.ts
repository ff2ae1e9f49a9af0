import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));

type Manifest = Record<
  'dependencies' | 'devDependencies' | 'optionalDependencies' | 'peerDependencies',
  Record<string, string> | undefined
>;

const lock = read('package-lock.json') as { packages: Record<string, { version?: string }> };
const manifests = ['package.json', ...globSync('*/package.json', { cwd: root })].filter(
  (path) => !path.startsWith('node_modules'),
);

/** Below these a hole that is known is open. */
const floors: Record<string, string> = {
  next: '16.3.8',
  '@trpc/server': '11.8.0',
  'next-auth': '4.24.15',
  sharp: '0.35.4',
  nodemailer: '10.0.5',
  mammoth: '1.12.2',
};

describe.each(manifests)('%s', (path) => {
  test('pins every version exactly', () => {
    const { dependencies, devDependencies, optionalDependencies, peerDependencies } = read(
      path,
    ) as Manifest;
    const all = {
      ...dependencies,
      ...devDependencies,
      ...optionalDependencies,
      ...peerDependencies,
    };
    const loose = Object.entries(all).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });
});

describe('no version with a known hole is locked', () => {
  test.each(Object.entries(floors))('%s is at least %s', (name, floor) => {
    const versions = Object.entries(lock.packages)
      .filter(([path]) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`))
      .map(([, { version }]) => version ?? '');
    for (const version of versions)
      expect(compare(version, floor), version).toBeGreaterThanOrEqual(0);
    if (name !== 'mammoth') expect(versions.length).toBeGreaterThan(0);
  });

  test('packages whose values pass between the rooms are there once', () => {
    for (const name of ['zod', 'sharp', 'next', 'react']) {
      const copies = Object.keys(lock.packages).filter((path) =>
        path.endsWith(`node_modules/${name}`),
      );
      expect(copies.length, name).toBe(1);
    }
  });
});

test.runIf(isBookworm() && installed('ghostscript'))(
  'ghostscript has the fixes of 10.0.0~dfsg-11+deb12u9',
  () => {
    const version = installed('ghostscript') ?? '';
    const args = ['--compare-versions', version, 'ge', '10.0.0~dfsg-11+deb12u9'];
    expect(spawnSync('dpkg', args).status, version).toBe(0);
  },
);

function compare(a: string, b: string): number {
  const [left = [], right = []] = [a, b].map((text) => text.split(/[.-]/).map(Number));
  for (const [at, part] of right.entries()) {
    const difference = (left[at] ?? 0) - part;
    if (difference !== 0) return difference;
  }
  return 0;
}

function installed(name: string): string | undefined {
  const asked = spawnSync('dpkg', ['-s', name]).stdout?.toString() ?? '';
  return asked.includes('Status: install ok installed')
    ? /^Version: (\S+)$/m.exec(asked)?.[1]
    : undefined;
}

function isBookworm(): boolean {
  const path = '/etc/os-release';
  return existsSync(path) && readFileSync(path, 'utf8').includes('VERSION_CODENAME=bookworm');
}
