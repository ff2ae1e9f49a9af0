import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Ghostscript as one would call it: a process, a device, a file for each page.
 *
 * @returns bytes of all pages together
 */
export async function renderBare(
  input: string,
  folder: string,
  device: 'png16m' | 'jpeg',
): Promise<number> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const look = ['-r150', '-dTextAlphaBits=4', '-dGraphicsAlphaBits=4'];
  const quality = device === 'jpeg' ? ['-dJPEGQ=85'] : [];
  const output = `-sOutputFile=${join(folder, 'page-%03d')}`;
  const args = ['-q', '-dSAFER', '-dBATCH', '-dNOPAUSE', `-sDEVICE=${device}`, ...look, ...quality];
  const child = spawn('gs', [...args, output, input], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`gs ended with ${code}`);
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
