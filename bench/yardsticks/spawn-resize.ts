import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';

/** The naive way: an interpreter and `import cv2` for every request, and the whole picture decoded. */
const script = `
import sys, cv2
source, target, width = sys.argv[1], sys.argv[2], int(sys.argv[3])
cv2.setNumThreads(1)
image = cv2.imread(source, cv2.IMREAD_COLOR)
height = round(image.shape[0] * width / image.shape[1])
small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
sys.exit(0 if cv2.imwrite(target, small, [cv2.IMWRITE_JPEG_QUALITY, int(sys.argv[4])]) else 1)
`;

/** Resizes one file with a Python process of its own. */
export async function spawnResize(
  python: string,
  source: string,
  target: string,
  { width, quality }: { width: number; quality: number },
): Promise<void> {
  const args = ['-c', script, source, target, String(width), String(quality)];
  const child = spawn(python, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0 || statSync(target).size === 0) throw new Error('the spawned resize failed');
}
