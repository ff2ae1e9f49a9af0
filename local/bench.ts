import { readOptions } from '../bench/options.ts';
import { loadDotEnv } from './stack/dot-env.ts';
import { root } from './stack/stack.ts';

/** Measures the product against bare engines and naive ways; see bench/README.md. */
loadDotEnv(root);
const { runBench } = await import('../bench/run-bench.ts');
const failed = await runBench(readOptions(process.argv.slice(2)));
process.exit(failed.length > 0 ? 1 : 0);
