import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMatchBench, type TestFile } from './testing/match-bench.ts';
import { drawScene } from './testing/scenes.ts';

const bench = createMatchBench();
let scene: TestFile;

beforeAll(async () => {
  await bench.start();
  scene = await bench.save(drawScene(1).png());
});
afterAll(bench.stop);

async function draw(visual: string, ...targets: TestFile[]) {
  const { outputs, warnings } = await bench.match({ visual }, [scene, ...targets]);
  const [json, ...drawings] = outputs;
  expect(json?.type).toBe('json');
  const codes = warnings.map(({ code }) => code);
  return {
    drawings,
    codes,
    pictures: await Promise.all(drawings.map(({ data }) => pixelsOf(data))),
  };
}

/** Colour at a place, and how many pixels are of the red that marks a difference. */
async function pixelsOf(data: Buffer) {
  const { data: raw, info } = await sharp(data)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [...raw.subarray((y * info.width + x) * 3).subarray(0, 3)];
  let reds = 0;
  for (let i = 0; i < raw.length; i += 3)
    if ((raw[i] ?? 0) > 180 && (raw[i + 1] ?? 255) < 90 && (raw[i + 2] ?? 255) < 90) reds += 1;
  return {
    at,
    redShare: reds / (info.width * info.height),
    width: info.width,
    height: info.height,
  };
}

/** The scene with a black box at 500,100 of 120 x 90. */
async function boxed(): Promise<Sharp> {
  const box = { create: { width: 120, height: 90, channels: 3 as const, background: '#000' } };
  const data = await drawScene(1)
    .composite([{ input: box, left: 500, top: 100 }])
    .png()
    .toBuffer();
  return sharp(data);
}

describe('diff', () => {
  it('of a copy shows nothing red, of a change exactly the change', async () => {
    const [same, changed] = (await draw('diff', scene, await bench.save((await boxed()).png())))
      .pictures;
    expect([same?.width, same?.height]).toEqual([800, 600]);
    expect(same?.redShare).toBe(0);
    expect(changed?.redShare).toBeGreaterThan(0.01);
    expect(changed?.redShare).toBeLessThan(0.03);
    const [red = 0, green = 255] = changed?.at(560, 145) ?? [];
    expect(red - green).toBeGreaterThan(150);
    const [r, g, b] = changed?.at(100, 100) ?? [];
    expect([r === g, g === b]).toEqual([true, true]);
  });

  it('finds the change in a turned copy, at its place in the source', async () => {
    const turned = await bench.save((await boxed()).rotate(90).jpeg({ quality: 90 }), 'jpg');
    const [picture] = (await draw('diff', turned)).pictures;
    expect([picture?.width, picture?.height]).toEqual([800, 600]);
    const [red = 0, green = 255] = picture?.at(560, 145) ?? [];
    expect(red - green).toBeGreaterThan(120);
    expect(picture?.redShare).toBeLessThan(0.06);
  });

  it('is grey where the target shows nothing of the source', async () => {
    const cut = drawScene(1).extract({ left: 200, top: 100, width: 500, height: 400 });
    const [picture] = (await draw('diff', await bench.save(cut.png()))).pictures;
    expect(picture?.at(50, 50)).toEqual([128, 128, 128]);
    expect(picture?.at(760, 560)).toEqual([128, 128, 128]);
    expect(picture?.redShare).toBeLessThan(0.01);
  });
});

describe('overlay', () => {
  it('is the target, with a green outline around the place of the source', async () => {
    const small = await drawScene(1).resize(320, 240).png().toBuffer();
    const board = drawScene(3).composite([{ input: small, left: 400, top: 300 }]);
    const target = await bench.save(board.png());
    const [picture] = (await draw('overlay', target)).pictures;
    const plain = await pixelsOf(await sharp(target.path).png().toBuffer());
    expect([picture?.width, picture?.height]).toEqual([800, 600]);
    expect(picture?.at(100, 100)).toEqual(plain.at(100, 100));
    for (const [x, y] of [
      [560, 300],
      [400, 420],
      [720, 420],
      [560, 540],
    ] as const) {
      const [red = 255, green = 0, blue = 255] = picture?.at(x, y) ?? [];
      expect([red < 110, green > 150, blue < 150], `${x},${y}`).toEqual([true, true, true]);
    }
  });
});

describe('matches', () => {
  it('are both pictures side by side, joined by lines', async () => {
    const copy = await bench.save(drawScene(1).resize(400, 300).png());
    const [picture] = (await draw('matches', copy)).pictures;
    expect([picture?.width, picture?.height]).toEqual([800 + 12 + 400, 600]);
    const column = Array.from({ length: 600 }, (_none, y) => picture?.at(806, y).join());
    expect(column.filter((color) => color !== '255,255,255').length).toBeGreaterThan(50);
    expect(picture?.at(1000, 500)).toEqual([255, 255, 255]);
  });

  it('of unrelated pictures have no line, and that is said', async () => {
    const { codes, pictures } = await draw('matches', await bench.save(drawScene(2).png()));
    const column = Array.from({ length: 600 }, (_none, y) => pictures[0]?.at(806, y).join());
    expect(new Set(column)).toEqual(new Set(['255,255,255']));
    expect(codes).toEqual(['not_aligned']);
  });
});

describe('every target', () => {
  it('has a drawing of its own, in order, with its size', async () => {
    const { drawings, codes } = await draw('matches', scene, scene);
    expect(drawings.map(({ height, label, type, width }) => [label, type, width, height])).toEqual([
      ['matches-0', 'png', 1612, 600],
      ['matches-1', 'png', 1612, 600],
    ]);
    expect(codes).toEqual([]);
  });

  it('is drawn no larger than 1000 pixels', async () => {
    const large = await bench.save(drawScene(1).resize(3000).jpeg(), 'jpg');
    const { drawings } = await draw('overlay', large);
    expect(drawings.map(({ height, width }) => [width, height])).toEqual([[1000, 750]]);
  });
});
