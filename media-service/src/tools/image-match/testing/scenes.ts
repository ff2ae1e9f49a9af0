import sharp, { type Sharp } from 'sharp';

export const sceneWidth = 800;
export const sceneHeight = 600;

/** A stream of numbers in [0, 1) that is the same for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A picture of hills, houses and a sky, another one for each seed. */
export function drawScene(seed: number): Sharp {
  const random = createRandom(seed);
  const between = (low: number, high: number) => low + (high - low) * random();
  const tone = () => `hsl(${between(0, 360)},${between(30, 80)}%,${between(20, 75)}%)`;
  const hills = Array.from({ length: 4 }, (_none, row) => {
    const tops = Array.from(
      { length: 9 },
      (_each, at) => `${at * 100},${160 + row * 100 + between(-90, 60)}`,
    );
    return `<polygon points="0,600 ${tops.join(' ')} 800,600" fill="${tone()}"/>`;
  });
  const houses = Array.from({ length: 45 }, () => {
    const [x, y, side] = [between(0, 760), between(80, 560), between(12, 60)];
    return `<rect x="${x}" y="${y}" width="${side}" height="${side * between(0.5, 1.6)}" fill="${tone()}"/>
      <circle cx="${between(0, 800)}" cy="${between(0, 600)}" r="${between(3, 22)}" fill="${tone()}"/>
      <path d="M${x} ${y}l${side / 2} ${-side / 2}l${side / 2} ${side / 2}z" fill="${tone()}"/>`;
  });
  const sky = `<linearGradient id="s" x2="0" y2="1"><stop stop-color="${tone()}"/><stop offset="1" stop-color="${tone()}"/></linearGradient>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${sceneWidth}" height="${sceneHeight}"><defs>${sky}</defs><rect width="800" height="600" fill="url(#s)"/>${hills.join('')}${houses.join('')}</svg>`;
  return sharp(Buffer.from(svg)).flatten({ background: '#ffffff' });
}
