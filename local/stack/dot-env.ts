import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnvFile } from 'node:process';

/** Reads `.env`; what the shell has set already wins. */
export function loadDotEnv(root: string): void {
  const path = join(root, '.env');
  if (existsSync(path)) loadEnvFile(path);
}
