import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';

/** The command that the product runs, without anything around it. */
export async function encodeBare(source: string, target: string, preset: string): Promise<number> {
  const input = ['-threads', '2', '-i', source, '-map', '0:0', '-map', '0:1'];
  const picture = ['-c:v', 'libx264', '-preset', preset, '-crf', '23', '-threads', '3'];
  const rest = ['-vf', 'format=yuv420p', '-c:a', 'copy', '-movflags', '+faststart', '-f', 'mp4'];
  const args = ['-nostdin', '-v', 'error', '-y', ...input, ...picture, ...rest, target];
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
  return statSync(target).size;
}
