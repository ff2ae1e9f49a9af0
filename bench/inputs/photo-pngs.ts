import { existsSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { loadPhotos } from './photos.ts';

const recipe = 1;
const count = 2;

/** Two of the photos as PNGs of 12 megapixels; made once. */
export async function loadPhotoPngs(folder: string): Promise<string[]> {
  const photos = await loadPhotos(folder);
  const paths: string[] = [];
  for (const [index, { bytes }] of photos.slice(0, count).entries()) {
    const path = join(folder, `photo-png-${recipe}-${index}.png`);
    if (!existsSync(path)) await sharp(bytes).png({ adaptiveFiltering: true }).toFile(path);
    paths.push(path);
  }
  return paths;
}
