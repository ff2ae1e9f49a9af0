import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('npm ci would install every package from the lock file', async () => {
  const args = ['ci', '--dry-run', '--ignore-scripts', '--offline', '--no-audit', '--no-fund'];
  const cwd = join(import.meta.dirname, '../..');
  const { stderr, stdout } = await promisify(execFile)('npm', args, { cwd });
  expect(`${stdout}${stderr}`).not.toContain('Missing');
});
