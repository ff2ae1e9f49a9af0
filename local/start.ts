import { loadDotEnv } from './stack/dot-env.ts';
import { runUntilStopped } from './stack/run.ts';
import { root } from './stack/stack.ts';

loadDotEnv(root);
await runUntilStopped({ isDevelopment: false });
