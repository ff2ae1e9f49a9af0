import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { sniffFileType } from '@nebula/contract/file-types';
import { afterEach, describe, expect, it } from 'vitest';
import { openSession } from '../../engines/ghostscript/session.ts';
import { pixelAt } from '../../testing/pixels.ts';
import { drawPdf, fill, streamObject, type TestPage } from './testing/draw-pdf.ts';
import { createRenderer } from './testing/renderer.ts';

const { folder, render, save } = createRenderer();

const green = [0, 1, 0] as const;
const good = drawPdf([{ content: fill(green, 0, 0, 200, 100) }]);

afterEach(async () => {
  const { images } = await render(good, { dpi: 72 });
  expect(await pixelAt(images[0]?.path ?? '', 100, 50)).toEqual([0, 255, 0]);
});

/** The code of the error, or the number of images. */
function outcome(pdf: Buffer | string, options: Record<string, unknown> = {}, timeoutMs = 30_000) {
  return render(pdf, { dpi: 36, ...options }, { timeoutMs }).then(
    ({ images }) => images.length,
    (error: { code?: string }) => error.code ?? String(error),
  );
}

/** What Ghostscript calls its temporary files. */
const gsFiles = (dir: string) => readdirSync(dir).filter((name) => name.startsWith('gs_'));

describe('PostScript', () => {
  const victim = () => {
    const dir = join(folder, 'sibling');
    mkdirSync(dir, { recursive: true });
    const path = join(dir, 'secret.txt');
    writeFileSync(path, 'the secret of another job');
    return path;
  };

  it.each([
    ['PostScript', '%!PS-Adobe-3.0\n(x) print\n'],
    ['PDF behind PostScript', '%!PS\n%PDF-1.7\n'],
    ['PDF behind blank lines', '\n\n\n%PDF-1.7\n'],
    ['PDF behind 1,023 bytes', `${'x'.repeat(1023)}%PDF-1.7\n`],
    ['a page of HTML', '<!doctype html><p>%PDF-1.7'],
    ['encapsulated PostScript', '%!PS-Adobe-3.0 EPSF-3.0\n'],
    ['encapsulated PostScript with a head of bytes', '\xc5\xd0\xd3\xc6%PDF-1.7'],
  ])('is no PDF by its content: %s', (_, content) => {
    expect(sniffFileType(Buffer.from(content))).not.toBe('pdf');
  });

  it.each([
    ['reads a file', (path: string) => `(${path}) (r) file 100 string readstring pop print`],
    [
      'reads the environment',
      () => '(/proc/self/environ) (r) file 100 string readstring pop print',
    ],
    [
      'lists files',
      (path: string) => `(${join(path, '..', '*')}) { print } 256 string filenameforall`,
    ],
    [
      'reads a file by a detour',
      (path: string) =>
        `(../${basename(join(path, '..'))}/secret.txt) (r) file 100 string readstring pop print`,
    ],
    ['reads a file by a link', () => '(link) (r) file 100 string readstring pop print'],
    ['reads what it is told', () => '(%stdin) (r) file 100 string readstring pop print'],
    ['opens files without end', () => '1000 { (x) (w) .tempfile pop pop } repeat'],
    ['deletes a file', (path: string) => `(${path}) deletefile`],
    ['renames a file', (path: string) => `(${path}) (${path}.moved) renamefile`],
    ['writes a file', (path: string) => `(${path}.new) (w) file dup (x) writestring closefile`],
    ['runs a command', (path: string) => `(%pipe%touch ${path}.new) (w) file closefile`],
    [
      'runs a command as its output',
      (path: string) => `<< /OutputFile (%pipe%touch ${path}.new) >> setpagedevice showpage`,
    ],
    [
      'writes its output elsewhere',
      (path: string) => `<< /OutputFile (${path}.new) >> setpagedevice showpage`,
    ],
  ])('that got past the check and %s reaches nothing outside its own job', async (_, attack) => {
    const path = victim();
    const dir = join(folder, 'attack');
    mkdirSync(dir, { recursive: true });
    rmSync(join(dir, 'link'), { force: true });
    symlinkSync(path, join(dir, 'link'));
    const before = gsFiles(tmpdir());
    const input = save(`%!PS\n${attack(path)}\nshowpage\n`);
    const settings = { device: 'ppmraw', antialias: true, annotations: true, quality: 85 } as const;
    const session = await openSession(
      'gs',
      { ...settings, input, name: 'lane-0' },
      { dir, signal: AbortSignal.timeout(20_000) },
    ).catch((error: Error & { code?: string }) => error);
    expect(session).toMatchObject({ code: 'corrupt_input' });
    expect(JSON.stringify(session)).not.toContain('secret of another');
    expect(readFileSync(path, 'utf8')).toBe('the secret of another job');
    expect(readdirSync(join(path, '..'))).toEqual(['secret.txt']);
    expect(gsFiles(tmpdir())).toEqual(before);
  });

  it('run inside the very process of a job reaches nothing outside it either', async () => {
    const path = victim();
    const attack = [
      `{ (${path}) (r) file 100 string readstring pop == } stopped { (refused) = } if`,
      `{ (${path}) deletefile } stopped { (refused) = } if`,
      `{ (${path}.new) (w) file closefile } stopped { (refused) = } if`,
      `{ (%pipe%touch ${path}.new) (w) file closefile } stopped { (refused) = } if`,
      '{ (/proc/self/environ) (r) file 100 string readstring pop == } stopped { (refused) = } if',
      `{ (../sibling/secret.txt) (r) file 100 string readstring pop == } stopped { (refused) = } if`,
      '{ (link) (r) file 100 string readstring pop == } stopped { (refused) = } if',
      `{ (${path}) (${path}.moved) renamefile } stopped { (refused) = } if`,
      '{ 100 { (gs_) (w) .tempfile closefile pop } repeat (flooded) = } stopped { (refused) = } if',
    ];
    const input = save(good);
    const before = gsFiles(tmpdir());
    const own = join(folder, 'own');
    mkdirSync(own, { recursive: true });
    symlinkSync(path, join(own, 'link'));
    const said = execFileSync(
      'gs',
      [
        '-q',
        '-dSAFER',
        '-dNOPAUSE',
        '-dBATCH',
        '-sDEVICE=ppmraw',
        '-sOutputFile=lane-%d.ppm',
        `--permit-file-read=${input}`,
        '-c',
        attack.join(' '),
      ],
      { cwd: own, encoding: 'utf8', env: { NODE_ENV: 'test', PATH: '/usr/bin:/bin', TMPDIR: own } },
    );
    expect(said.match(/refused/g)).toHaveLength(8);
    expect(said).toContain('flooded');
    expect(gsFiles(tmpdir())).toEqual(before);
    expect(readdirSync(join(path, '..'))).toEqual(['secret.txt']);
  });
});

describe('a bomb', () => {
  const nested = (times: number) => {
    let data = Buffer.from(fill(green, 0, 0, 10, 10).padEnd(2_000_000, ' '));
    for (let time = 0; time < times; time++) data = Buffer.from(streamObject(data).subarray(0));
    return data;
  };
  const bombs: Record<string, [Buffer, Record<string, unknown>, (number | string)[]]> = {
    'a page of 200,000 points': [
      drawPdf([{ mediaBox: [0, 0, 200_000, 200_000] }]),
      {},
      ['input_too_many_pixels'],
    ],
    'a unit of 75,000': [drawPdf([{ entries: '/UserUnit 75000' }]), {}, ['input_too_many_pixels']],
    'a page of 1e30 points': [
      drawPdf([{ mediaBox: [0, 0, 1e30, 1e30] }]),
      {},
      ['input_too_many_pixels', 'corrupt_input'],
    ],
    'a page of nothing': [drawPdf([{ mediaBox: [0, 0, 0, 0] }]), {}, ['corrupt_input', 1]],
    'a thousand million pages by its own word': [
      Buffer.from(
        drawPdf([{}]).toString('latin1').replace('/Count 1', '/Count 999999999'),
        'latin1',
      ),
      { pages: '1' },
      [1, 'corrupt_input', 'page_out_of_range', 'input_too_complex'],
    ],
    'an image of 30,000 x 30,000': [
      drawPdf([{ content: '200 0 0 100 0 0 cm /I Do', resources: '/XObject << /I 100 0 R >>' }], {
        extra: {
          100: streamObject(
            Buffer.alloc(1_000_000),
            '/Type /XObject /Subtype /Image /Width 30000 /Height 30000 /BitsPerComponent 8 /ColorSpace /DeviceRGB',
          ),
        },
      }),
      {},
      [1, 'input_too_complex', 'corrupt_input'],
    ],
    'a form that draws itself': [
      drawPdf([{ content: '/X Do', resources: '/XObject << /X 100 0 R >>' }], {
        extra: {
          100: streamObject(
            Buffer.from('/X Do /X Do'),
            '/Type /XObject /Subtype /Form /BBox [0 0 100 100] /Resources << /XObject << /X 100 0 R >> >>',
          ),
        },
      }),
      {},
      [1, 'input_too_complex', 'corrupt_input'],
    ],
    'a tree of pages that is a ring': [
      Buffer.from(
        drawPdf([{}]).toString('latin1').replace('/Kids [10 0 R]', '/Kids [2 0 R] '),
        'latin1',
      ),
      {},
      ['corrupt_input', 1],
    ],
    'an array ten thousand deep': [
      drawPdf([{ entries: `/Deep ${'['.repeat(10_000)}${']'.repeat(10_000)}` }]),
      {},
      [1, 'corrupt_input', 'input_too_complex'],
    ],
    'ten thousand saved states': [
      drawPdf([{ content: 'q '.repeat(10_000) }]),
      {},
      [1, 'input_too_complex'],
    ],
    'streams in streams': [
      drawPdf([{ content: nested(2).toString('latin1') }]),
      {},
      [1, 'corrupt_input'],
    ],
    'fifty thousand annotations': [
      drawPdf([{ entries: `/Annots [${'100 0 R '.repeat(50_000)}]` }], {
        extra: { 100: '<< /Type /Annot /Subtype /Square /Rect [0 0 9 9] >>' },
      }),
      {},
      [1, 'input_too_complex', 'corrupt_input'],
    ],
  };
  it.each(Object.entries(bombs))(
    'of %s ends with a stated answer',
    async (_, [pdf, options, answers]) => {
      expect(answers).toContain(await outcome(pdf, options));
    },
  );

  it('that draws for ever is killed at the deadline, with its process', async () => {
    const loop = `${fill(green, 0, 0, 200, 100)} `.repeat(5_000);
    const pages: TestPage[] = Array.from({ length: 400 }, () => ({ content: loop }));
    expect(await outcome(drawPdf(pages), { dpi: 300 }, 1_500)).toBe('tool_timeout');
    const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    expect(processes).not.toMatch(new RegExp(`gs .*${folder}`));
  });
});

describe('a damaged document', () => {
  const pages = Array.from({ length: 3 }, () => ({ content: fill(green, 0, 0, 200, 100) }));
  const whole = drawPdf(pages);

  it.each(Array.from({ length: 19 }, (_, at) => (at + 1) * 5))(
    'cut at %i %% is mended with a warning, or refused',
    async (percent) => {
      const cut = whole.subarray(0, Math.floor((whole.length * percent) / 100));
      const result = await render(cut, { dpi: 36 }).catch((error: { code: string }) => error.code);
      if (typeof result === 'string') expect(result).toBe('corrupt_input');
      else expect(result.warnings).toMatchObject([{ code: 'input_damaged' }]);
    },
  );

  it('without a readable table of its parts is mended, and says so', async () => {
    const text = whole.toString('latin1').replace(/startxref\n\d+/, 'startxref\n7');
    const { images, warnings } = await render(Buffer.from(text, 'latin1'), { dpi: 36 });
    expect(images).toHaveLength(3);
    expect(warnings).toMatchObject([{ code: 'input_damaged' }]);
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['a header and nothing else', Buffer.from('%PDF-1.7\n')],
    ['zeros', Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(100_000)])],
    [
      'noise',
      Buffer.concat([
        Buffer.from('%PDF-1.7\n'),
        Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * at * 31) % 251)),
      ]),
    ],
  ])('that is %s is refused', async (_, pdf) => {
    expect(await outcome(pdf)).toBe('corrupt_input');
  });

  it('of a hundred changed bytes ends in images or a clear error', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const changed = Buffer.from(whole);
      for (let at = 0, state = seed; at < 100; at++) {
        state = (state * 48271) % 2147483647;
        changed[9 + (state % (changed.length - 9))] = state & 255;
      }
      const result = await outcome(changed);
      if (typeof result === 'string')
        expect([
          'corrupt_input',
          'input_too_complex',
          'input_too_many_pixels',
          'password_required',
        ]).toContain(result);
      else expect(result).toBeGreaterThan(0);
    }
  });
});

describe('what a document would do', () => {
  it('is not done: scripts, launches, links, forms and outside files', async () => {
    let hits = 0;
    const server = createServer((_request, response) => {
      hits += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const touched = join(folder, 'touched');
    const pdf = drawPdf(
      [
        {
          content: `${fill(green, 0, 0, 200, 100)} /X Do`,
          resources: '/XObject << /X 102 0 R >>',
          entries: `/Annots [101 0 R] /AA << /O << /S /URI /URI (${address}) >> >>`,
        },
      ],
      {
        catalog: '/OpenAction 100 0 R',
        extra: {
          100: `<< /S /JavaScript /JS (app.launchURL('${address}')) /Next << /S /Launch /F (touch ${touched}) >> >>`,
          101: `<< /Type /Annot /Subtype /Link /Rect [0 0 200 100] /A << /S /SubmitForm /F (${address}) >> >>`,
          102: `<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray /Length 0 /F << /FS /URL /F (${address}) >> >>\nstream\n\nendstream`,
        },
      },
    );
    expect(await outcome(pdf)).toBe(1);
    server.close();
    expect(hits).toBe(0);
    expect(existsSync(touched)).toBe(false);
  });

  it('cannot speak for Ghostscript: answers in its text are text', async () => {
    const page = { entries: '/MediaBox [0 0 (count 99) 100]', content: '(count 99) = flush' };
    expect(await outcome(drawPdf([page]))).toSatisfy(
      (result) => result === 1 || result === 'corrupt_input',
    );
  });
});

it.each(['1-999999999', '999999', '5-', '!1'])(
  'pages %s of one page are out of range',
  async (pages) => {
    await expect(render(good, { pages })).rejects.toSatisfy(
      (error: { code?: string; name?: string }) =>
        error.code === 'page_out_of_range' || error.name === 'ZodError',
    );
  },
);

it('the name that a caller wishes for is on no file of the job', async () => {
  const output = { filename: '%d|touch x%pipe%.png' };
  const { images } = await render(good, { output });
  expect(images[0]?.path).not.toMatch(/pipe|touch|%/);
});
