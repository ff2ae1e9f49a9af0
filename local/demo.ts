import { join } from 'node:path';
import { toolIds } from '@nebula/contract/tools';
import { loadDotEnv } from './stack/dot-env.ts';
import { convertSample, sampleOf } from './stack/samples.ts';
import { findRunningStack, root, startStack } from './stack/stack.ts';

/** Converts a bundled sample with every tool through the public API, and prints a table. */
loadDotEnv(root);
const running = await findRunningStack();
const stack = running ? undefined : await startStack({ quiet: true });
const { api_key: apiKey, url } = running ?? stack?.file ?? { api_key: '', url: '' };
const folder = join(root, '.data/demo');

const rows: Record<string, unknown>[] = [];
for (const id of toolIds) {
  const sample = sampleOf(id);
  try {
    const { bytes, milliseconds, path } = await convertSample({ url, apiKey, sample, folder });
    rows.push({ tool: id, input: sample.file || 'example', output: path, bytes, ms: milliseconds });
  } catch (error) {
    rows.push({ tool: id, input: sample.file, error: (error as Error).message.slice(0, 200) });
  }
}
console.table(rows);
await stack?.stop();
process.exit(rows.some((row) => 'error' in row) ? 1 : 0);
