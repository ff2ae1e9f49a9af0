import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The product's own comparison, but an interpreter and `import cv2` for every pair. */
const script = `
import json, sys
sys.path.insert(0, sys.argv[1])
import cv2
cv2.setNumThreads(1)
from match import match
print(json.dumps(match(json.loads(sys.argv[2]))))
`;

/** Compares one pair with a Python process of its own. */
export async function spawnMatch(
  root: string,
  python: string,
  request: Record<string, unknown>,
): Promise<unknown> {
  const args = ['-B', '-c', script, join(root, 'python'), JSON.stringify(request)];
  const child = spawn(python, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, NODE_ENV: 'production', OMP_NUM_THREADS: '1' },
  });
  let answer = '';
  child.stdout.on('data', (data: Buffer) => {
    answer += data;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error('the spawned comparison failed');
  return JSON.parse(answer);
}
