import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPhotos } from './photos.ts';

export const filmSeconds = 20;

/** To be raised when the film changes, because it is kept. */
const recipe = 1;

export type Film = { path: string; bytes: Buffer };

/** 20 seconds of 720p30 with sound: a camera that glides over a photo, with the grain of a sensor. */
export async function loadFilm(folder: string): Promise<Film> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `film-${recipe}.mp4`);
  if (!existsSync(path)) {
    const [photo] = await loadPhotos(folder);
    if (!photo) throw new Error('A film is made of a photo.');
    drawFilm(photo.path, path);
  }
  return { path, bytes: readFileSync(path) };
}

function drawFilm(photo: string, path: string): void {
  const glide = `crop=1280:720:x='200+80*t+60*sin(t)':y='300+50*t',noise=alls=6:allf=t`;
  const still = ['-loop', '1', '-framerate', '30', '-t', String(filmSeconds), '-i', photo];
  const tone = ['-f', 'lavfi', '-i', `sine=frequency=220:duration=${filmSeconds}`];
  const picture = ['-vf', `${glide},format=yuv420p`, '-c:v', 'libx264', '-preset', 'veryfast'];
  const rates = ['-b:v', '9M', '-maxrate', '12M', '-bufsize', '12M', '-g', '60'];
  const sound = ['-c:a', 'aac', '-b:a', '96k'];
  const all = [...still, ...tone, ...picture, ...rates, ...sound, path];
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...all]);
}
