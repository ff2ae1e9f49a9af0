import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMatchBench, type TestFile } from './testing/match-bench.ts';
import { drawScene, sceneHeight, sceneWidth } from './testing/scenes.ts';

const bench = createMatchBench();
const { match, one, save } = bench;
let scene: TestFile;
let other: TestFile;

beforeAll(async () => {
  await bench.start();
  scene = await save(drawScene(1).png());
  other = await save(drawScene(2).png());
});
afterAll(bench.stop);

const fresh = async () => sharp(await drawScene(1).png().toBuffer());

describe('the same picture', () => {
  it('is a duplicate in every method, at its own place', async () => {
    expect(await one({}, scene, scene)).toMatchObject({
      score: 1,
      verdict: 'duplicate',
      match: true,
      scores: { phash: 1, ssim: 1, histogram: 1, features: 1 },
      mirrored: false,
      outline: [
        [0, 0],
        [800, 0],
        [800, 600],
        [0, 600],
      ],
    });
  });

  const copies: [string, (image: Sharp) => Sharp][] = [
    ['JPEG of quality 80', (image) => image.jpeg({ quality: 80 })],
    ['JPEG of quality 15', (image) => image.jpeg({ quality: 15 })],
    ['a quarter of the size', (image) => image.resize(200).png()],
    ['three times the size', (image) => image.resize(2400).jpeg()],
    ['a soft blur', (image) => image.blur(1.5).png()],
    ['a little brighter', (image) => image.modulate({ brightness: 1.15 }).png()],
    ['in grey', (image) => image.grayscale().png()],
  ];
  it.each(copies)('stays a duplicate as %s', async (_name, change) => {
    const copy = await change(await fresh()).toBuffer();
    const type = copy[0] === 0xff ? 'jpg' : 'png';
    const found = await one({}, scene, bench.write(copy, type));
    expect([found.verdict, found.match]).toEqual(['duplicate', true]);
    expect(found.inliers).toBeGreaterThan(100);
  });
});

describe('a changed copy', () => {
  const changes: [string, (image: Sharp) => Sharp, number][] = [
    ['turned by 7°', (image) => image.rotate(7), 300],
    ['turned by 45°', (image) => image.rotate(45), 300],
    ['turned by 90°', (image) => image.rotate(90), 500],
    ['turned by 180°', (image) => image.rotate(180), 500],
    [
      'cut to half its area',
      (image) => image.extract({ left: 180, top: 60, width: 566, height: 424 }),
      200,
    ],
    [
      'cut to a quarter',
      (image) => image.extract({ left: 300, top: 200, width: 400, height: 300 }),
      80,
    ],
    ['mirrored', (image) => image.flop(), 500],
    ['turned over', (image) => image.flip(), 500],
    [
      'framed',
      (image) => image.extend({ top: 90, bottom: 60, left: 140, right: 70, background: '#fff' }),
      200,
    ],
  ];
  it.each(changes)('%s is very similar, and a match', async (_name, change, inliers) => {
    const found = await one({}, scene, await save(change(await fresh()).png()));
    expect([found.verdict, found.match]).toEqual(['very_similar', true]);
    expect(found.inliers).toBeGreaterThan(inliers);
    expect(found.scores.features).toBeGreaterThan(0.9);
  });

  it('mirrored is said to be', async () => {
    const found = await one({}, scene, await save((await fresh()).flop().png()));
    expect(found.mirrored).toBe(true);
    expect(found.homography?.[0]?.[0]).toBeCloseTo(-1, 2);
  });

  it('a copy that is small in a larger picture is found there', async () => {
    const small = await (await fresh()).resize(320, 240).toBuffer();
    const board = drawScene(3).composite([{ input: small, left: 400, top: 300 }]);
    const found = await one({}, scene, await save(board.png()));
    expect(found.verdict).toBe('very_similar');
    expectNear(
      found.outline,
      [
        [400, 300],
        [720, 300],
        [720, 540],
        [400, 540],
      ],
      3,
    );
  });
});

describe('the place of the source in the target', () => {
  it('of a cut lies around the target', async () => {
    const cut = (await fresh()).extract({ left: 200, top: 100, width: 500, height: 400 });
    const { outline } = await one({}, scene, await save(cut.png()));
    expectNear(
      outline,
      [
        [-200, -100],
        [600, -100],
        [600, 500],
        [-200, 500],
      ],
      4,
    );
  });

  it('of a quarter turn begins at the upper right', async () => {
    const { outline } = await one({}, scene, await save((await fresh()).rotate(90).png()));
    expectNear(
      outline,
      [
        [600, 0],
        [600, 800],
        [0, 800],
        [0, 0],
      ],
      2,
    );
  });

  it('is in pixels of the file, not of the reduced picture', async () => {
    const { outline, homography } = await one(
      {},
      scene,
      await save((await fresh()).resize(2400, 1800).jpeg(), 'jpg'),
    );
    expectNear(
      outline,
      [
        [0, 0],
        [2400, 0],
        [2400, 1800],
        [0, 1800],
      ],
      8,
    );
    expect(homography?.[0]?.[0]).toBeCloseTo(3, 1);
  });

  it('is that of the homography', async () => {
    const { outline, homography } = await one(
      {},
      scene,
      await save((await fresh()).rotate(20).png()),
    );
    const [[a = 0, , c = 0] = [], [d = 0, , f = 0] = [], [g = 0] = []] = homography ?? [];
    const depth = g * sceneWidth + 1;
    expectNear(
      outline?.slice(1, 2),
      [[(a * sceneWidth + c) / depth, (d * sceneWidth + f) / depth]],
      0.02,
    );
  });
});

/** How many pictures are held against each other; 64 make 2,016 pairs. */
const strangers = Number(process.env.UNRELATED_PICTURES ?? 5);

describe('unrelated pictures', () => {
  it(
    'are never called duplicates, however many there are',
    async () => {
      const seeds = Array.from({ length: strangers }, (_none, at) => 1_000 + at);
      const pictures = await Promise.all(
        seeds.map((seed) => save(drawScene(seed).resize(480).png())),
      );
      const found: [string, number][] = [];
      for (const [at, source] of pictures.slice(0, -1).entries()) {
        const { result } = await match({}, [source, ...pictures.slice(at + 1)], 600_000);
        for (const { index, score } of result.targets)
          found.push([`${seeds[at]} and ${seeds[at + 1 + index]}`, score]);
      }
      expect(found).toHaveLength((strangers * (strangers - 1)) / 2);
      expect(found.filter(([, score]) => score >= 0.85)).toEqual([]);
    },
    60_000 * strangers,
  );

  it('are different, without a place', async () => {
    const found = await one({}, scene, other);
    expect(found).toMatchObject({
      verdict: 'different',
      match: false,
      homography: null,
      outline: null,
    });
    expect(found.score).toBeLessThan(0.5);
    expect(found.inliers).toBeLessThan(12);
  });

  it('of the same colours are different: only histogram is fooled', async () => {
    const tiles = await shuffled();
    const found = await one({}, scene, await save(tiles));
    expect(found.scores.histogram).toBeGreaterThan(0.85);
    expect(
      (await one({ methods: ['phash', 'ssim', 'histogram'] }, scene, await save(tiles))).verdict,
    ).toBe('different');
  });

  it('that show nothing are told apart by their colour', async () => {
    const flat = (background: string) =>
      save(sharp({ create: { width: 300, height: 200, channels: 3, background } }).png());
    const [white, black, grey] = await Promise.all(['#ffffff', '#000000', '#fdfdfd'].map(flat));
    if (!white || !black || !grey) throw new Error('three pictures were drawn');
    expect(await one({}, white, black)).toMatchObject({ score: 0, verdict: 'different' });
    expect(await one({}, white, grey)).toMatchObject({ score: 1, verdict: 'duplicate' });
    expect((await one({}, scene, white)).verdict).toBe('different');
  });
});

describe('options', () => {
  it('the result holds the asked methods alone, in one order', async () => {
    const found = await one({ methods: ['histogram', 'phash'] }, scene, scene);
    expect(Object.keys(found.scores)).toEqual(['phash', 'histogram']);
    expect(found).toMatchObject({ inliers: null, homography: null, score: 1 });
  });

  it.each(['phash', 'ssim', 'histogram', 'features'])(
    '%s alone knows a copy from another picture',
    async (method) => {
      const copy = await save((await fresh()).resize(500).png());
      const { result } = await match({ methods: [method] }, [scene, copy, other]);
      expect(result.targets.map(({ match: isMatch }) => isMatch)).toEqual([true, false]);
    },
  );

  it('threshold decides what a match is, and not the verdict', async () => {
    const turned = await save((await fresh()).rotate(30).png());
    const strict = await one({ threshold: 0.99 }, scene, turned);
    expect([strict.match, strict.verdict]).toEqual([false, 'very_similar']);
    const loose = await match({ threshold: 0 }, [scene, other]);
    expect(loose.result.matches).toBe(1);
    expect(loose.optionsEffective).toEqual({
      methods: ['phash', 'ssim', 'histogram', 'features'],
      threshold: 0,
      visual: 'none',
    });
  });
});

describe('the answer', () => {
  it('is the result as JSON, in the order of the targets', async () => {
    const { outputs, result, engine, progress } = await match({}, [scene, other, scene, other]);
    expect(outputs.map(({ type }) => type)).toEqual(['json']);
    expect(JSON.parse(String(outputs[0]?.data))).toEqual(result);
    expect(result.targets.map(({ index, verdict }) => [index, verdict])).toEqual([
      [0, 'different'],
      [1, 'duplicate'],
      [2, 'different'],
    ]);
    expect(engine.name).toBe('opencv');
    expect(progress.map(({ percent, message }) => [percent, message])).toEqual([
      [0, '0 of 3 targets'],
      [33, '1 of 3 targets'],
      [67, '2 of 3 targets'],
    ]);
  });

  it('tells sizes, names and the hashes of both', async () => {
    const found = await one({}, scene, await save((await fresh()).resize(400).png()));
    expect(found).toMatchObject({ width: 400, height: sceneHeight / 2 });
    expect(found.filename).toMatch(/^image-/);
    expect(found.hashes.source.phash).toMatch(/^[0-7][0-9a-f]{15}$/);
    const isNear = bitsBetween(found.hashes.source.phash, found.hashes.target.phash) <= 4;
    expect(isNear).toBe(true);
  });

  it('is the same bytes twice, on fresh workers too', async () => {
    const files = [scene, other, await save((await fresh()).rotate(33).png())];
    const run = async () => {
      const { outputs } = await match({ visual: 'matches' }, files);
      // The name of a file is the caller's; everything else is measured.
      return outputs.map(({ data }) => data.toString('base64'));
    };
    const first = await run();
    expect(await run()).toEqual(first);
    const others = createMatchBench();
    await others.start();
    const again = await others.match({ visual: 'matches' }, files).finally(others.stop);
    expect(again.outputs.map(({ data }) => data.toString('base64'))).toEqual(first);
  });

  it('does not mix up sources of different jobs on one worker', async () => {
    for (const [source, target, verdict] of [
      [scene, scene, 'duplicate'],
      [other, scene, 'different'],
      [other, other, 'duplicate'],
      [scene, other, 'different'],
    ] as const)
      expect((await one({}, source, target)).verdict).toBe(verdict);
  });
});

/** The scene in 12 pieces, in another order: the same colours, another picture. */
async function shuffled(): Promise<Sharp> {
  const data = await drawScene(1).png().toBuffer();
  const pieces = await Promise.all(
    Array.from({ length: 12 }, async (_none, at) => {
      const [left, top] = [(at % 4) * 200, Math.floor(at / 4) * 200];
      const input = await sharp(data)
        .extract({ left, top, width: 200, height: 200 })
        .rotate(180)
        .toBuffer();
      const to = (at * 5 + 7) % 12;
      return { input, left: (to % 4) * 200, top: Math.floor(to / 4) * 200 };
    }),
  );
  const board = {
    width: sceneWidth,
    height: sceneHeight,
    channels: 3 as const,
    background: '#fff',
  };
  return sharp({ create: board }).composite(pieces).png();
}

function expectNear(
  actual: number[][] | null | undefined,
  expected: number[][],
  tolerance: number,
) {
  expect(actual).toHaveLength(expected.length);
  for (const [at, [x = 0, y = 0]] of expected.entries()) {
    const [left = Number.NaN, top = Number.NaN] = actual?.[at] ?? [];
    expect(Math.hypot(left - x, top - y), `corner ${at}: ${left}, ${top}`).toBeLessThan(tolerance);
  }
}

function bitsBetween(left: string, right: string): number {
  return (BigInt(`0x${left}`) ^ BigInt(`0x${right}`)).toString(2).replaceAll('0', '').length;
}
