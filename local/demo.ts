import { join, relative } from 'node:path';
import { toolIds } from '@nebula/contract/tools';
import { type DemoRow, writeDemoPage } from './stack/demo-page.ts';
import { loadDotEnv } from './stack/dot-env.ts';
import { convertSample, sampleOf } from './stack/samples.ts';
import { findRunningStack, root, startStack } from './stack/stack.ts';

/** Converts a bundled sample with every tool through the public API; prints a table, draws a page. */
loadDotEnv(root);
const running = await findRunningStack();
const stack = running ? undefined : await startStack({ quiet: true });
const { api_key: apiKey, url } = running ?? stack?.file ?? { api_key: '', url: '' };
const folder = join(root, '.data/demo');

const rows: DemoRow[] = [];
for (const id of toolIds) {
  const sample = sampleOf(id);
  try {
    rows.push({ sample, ...(await convertSample({ url, apiKey, sample, folder })) });
  } catch (error) {
    rows.push({ sample, error: (error as Error).message.slice(0, 200) });
  }
}
console.table(
  rows.map((row) => ({
    tool: row.sample.tool.id,
    input: row.sample.file || 'example',
    ...('error' in row
      ? { error: row.error }
      : { output: row.path, bytes: row.bytes, ms: row.milliseconds }),
  })),
);
const page = await writeDemoPage(rows, { url, apiKey, folder });
console.log(`With pictures: ${relative(process.cwd(), page)}`);
await stack?.stop();
process.exit(rows.some((row) => 'error' in row) ? 1 : 0);
