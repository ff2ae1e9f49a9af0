import type { ErrorCode } from '@nebula/contract/errors';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/problem.ts';
import { boundary, type FormPart, jpeg, multipart, multipartType } from '../support/samples.ts';
import { api, newAccount, postForm } from '../support/stack.ts';
import { watchForHarm } from '../support/unharmed.ts';

let account: Awaited<ReturnType<typeof newAccount>>;
let photo: Buffer;
let expectNoHarm: () => Promise<void>;
beforeAll(async () => {
  account = await newAccount({ plan: 'enterprise' });
  photo = await jpeg();
});
beforeEach(async () => {
  expectNoHarm = await watchForHarm(account);
});
afterEach(() => expectNoHarm());

const post = (body: Uint8Array, type = multipartType, tool = 'image-resize', headers = {}) =>
  fetch(`${api}/tools/${tool}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${account.key}`, 'content-type': type, ...headers },
    body: new Uint8Array(body),
  });
const postParts = (...parts: FormPart[]) => post(multipart(parts));
const image = (name = 'file', filename = 'a.jpg') => ({ name, filename, body: photo });
const field = (name: string, body: string | Uint8Array) => ({ name, body });

async function expectRefused(answer: Promise<Response>, code: ErrorCode, status?: number) {
  const response = await answer;
  return expectProblem(response, await response.text(), code, status);
}

describe('more than a form may hold is refused, never dropped in silence', () => {
  test('ten thousand parts', async () => {
    const parts = Array.from({ length: 10_000 }, (_, index) => field(`f${index}`, 'x'));
    await expectRefused(postParts(image(), ...parts), 'invalid_input');
  });

  test('one field too many', async () => {
    const parts = Array.from({ length: 201 }, () => field('types[]', 'x'));
    await expectRefused(postParts(...parts, image()), 'invalid_input');
  });

  test('a field of two megabytes', async () => {
    const parts = [image(), field('background', 'x'.repeat(2 * 1024 * 1024))];
    const problem = await expectRefused(postParts(...parts), 'file_too_large');
    expect(problem).toMatchObject({ param: 'background', limit_bytes: 1024 * 1024 });
  });

  test('many fields that are large together', async () => {
    const megabyte = Buffer.alloc(1024 * 1024 - 1, 'x');
    const parts = Array.from({ length: 40 }, (_, index) => field(`f${index}`, megabyte));
    await expectRefused(postParts(...parts), 'file_too_large');
  });

  test('a field name of 5,000 characters', async () => {
    const problem = await expectRefused(
      postParts(field('x'.repeat(5000), '1'), image()),
      'invalid_input',
    );
    expect(problem.param?.length).toBeLessThan(120);
  });

  test('a part with 3,000 headers', async () => {
    const lines = Array.from({ length: 3000 }, (_, index) => `X-${index}: y\r\n`).join('');
    const [start, rest] = splitHead(multipart([image()]));
    const response = await post(
      Buffer.concat([start, Buffer.from(`\r\n${lines.trimEnd()}`), rest]),
    );
    // Headers of a part that mean nothing may be left out; the part itself may not.
    expect([200, 400, 413, 422]).toContain(response.status);
    await response.arrayBuffer();
    if (response.ok) expectNoHarm = await watchForHarm(account);
  });

  test('two and three files where one is expected', async () => {
    await expectRefused(postParts(image(), image()), 'invalid_input');
    await expectRefused(postParts(image(), image(), image()), 'invalid_input');
  });
});

describe('names of fields', () => {
  test.each([
    'a[b]'.padEnd(150, '[b]'),
    'variants[4294967294][width]',
    '',
    '[]',
    'variants[length]',
  ])('%s is refused', async (name) => {
    const response = await postParts(image(), field('variants[0][width]', '5'), field(name, '9'));
    expect([400, 422]).toContain(response.status);
    await response.arrayBuffer();
  });

  test.each([
    '__proto__',
    '__proto__[width]',
    'constructor',
    'constructor[prototype][width]',
    'focus[__proto__]',
  ])('%s is refused and touches no prototype', async (name) => {
    await expectRefused(postParts(image(), field(name, '5')), 'invalid_input');
    // Had the prototype been touched, this call would have a width.
    const next = await postForm('image-resize', account.key, {
      file: new Blob([new Uint8Array(photo)]),
      percent: '50',
      strict: 'true',
    });
    expect(next.status).toBe(200);
    expect(next.headers.get('x-nebula-width')).toBe('32');
    await next.arrayBuffer();
    await giveBack();
  });

  const described: [how: string, fields: [string, string][]][] = [
    [
      'in nested fields',
      [
        ['file[path]', '/etc/passwd'],
        ['file[filename]', 'x'],
        ['file[size]', '9'],
        ['file[type]', 'jpg'],
      ],
    ],
    ['in JSON', [['file', '{"path":"/etc/passwd","filename":"x","size":9,"type":"jpg"}']]],
  ];
  test.each(described)('a file that is only described %s is none', async (_how, fields) => {
    const parts = fields.map(([name, body]) => field(name, body));
    const problem = await expectRefused(postParts(...parts), 'invalid_input');
    expect(problem.param).toBe('file');
    const url = `${api}/tools/image-resize?${new URLSearchParams(fields)}`;
    const headers = { authorization: `Bearer ${account.key}` };
    await expectRefused(fetch(url, { method: 'POST', headers }), 'invalid_input');
  });

  test('_charset_ is a field like any other, and unknown', async () => {
    const problem = await expectRefused(
      postParts(image(), field('_charset_', 'x')),
      'invalid_input',
    );
    expect(problem.param).toBe('_charset_');
  });

  /** The honest call above is charged; what follows compares with a new count. */
  const giveBack = async () => {
    expectNoHarm = await watchForHarm(account);
  };
});

describe('boundaries', () => {
  test.each(['multipart/form-data', 'multipart/form-data; boundary=', 'multipart/form-data; x=y'])(
    '%s has none: 400',
    async (type) => {
      await expectRefused(post(multipart([image()]), type), 'invalid_input', 400);
    },
  );

  test('another one than the body has is 400', async () => {
    const type = 'multipart/form-data; boundary=other';
    await expectRefused(post(multipart([image()]), type), 'invalid_input', 400);
  });

  test('one of 5,000 characters is refused or never found', async () => {
    const type = `multipart/form-data; boundary=${'b'.repeat(5000)}`;
    await expectRefused(post(multipart([image()]), type), 'invalid_input', 400);
  });

  test('one inside the data of a file is data', async () => {
    const tricky = Buffer.concat([photo, Buffer.from('\r\n--nebula-test-boundar\r\n\r\n--')]);
    const response = await postParts({ ...image(), body: tricky }, field('width', '8'));
    expect(response.status).toBe(200);
    await response.arrayBuffer();
    expectNoHarm = await watchForHarm(account);
  });
});

describe('parts that are something else', () => {
  test('a form inside a form', async () => {
    const inner = multipart([image()]).toString('latin1').replaceAll(boundary, 'inner-boundary');
    const type = 'multipart/mixed; boundary=inner-boundary';
    const part = { name: 'file', filename: 'x', type, body: Buffer.from(inner, 'latin1') };
    await expectRefused(postParts(part), 'unsupported_input');
  });

  test('a file in base64 that calls itself a photo', async () => {
    const body = Buffer.from(photo.toString('base64'));
    await expectRefused(postParts({ ...image(), body }), 'unsupported_input');
  });

  test('no part at all', async () => {
    await expectRefused(post(multipart([])), 'invalid_input');
  });

  test('an empty body', async () => {
    const response = await post(Buffer.alloc(0));
    expect([400, 422]).toContain(response.status);
    await response.arrayBuffer();
  });
});

const names = [
  '../../etc/passwd',
  '..\\..\\boot.ini',
  'C:\\x',
  '/abs',
  'a\0b',
  '\r\nSet-Cookie: a=b',
  'a\\"; filename*=x',
  'x'.repeat(5000),
  '.',
  '',
  '-i',
  '--',
  '@file',
  '|id',
  '$(id)',
  '%pipe%id',
  's-%d.png',
  'concat:a',
  'CON',
  '\u202egpj.exe',
  '🎉',
  'e\u0301',
  '\u00e9',
  '.htaccess',
  'x.html',
];

describe('a name that is made to be more than a name is shown safely, and is no part of a path', () => {
  const expectSafe = async (response: Response) => {
    const text = Buffer.from(await response.arrayBuffer()).toString();
    expect(response.status, text).toBe(200);
    const disposition = response.headers.get('content-disposition') ?? '';
    const form = /^attachment; filename="([^"\\/%;]+\.jpg)"; filename\*=UTF-8''([^/\\"\s]+)$/;
    const [, plain = '', encoded = ''] = form.exec(disposition) ?? [];
    expect(plain, disposition).toMatch(/^[\x20-\x7e]{1,255}$/);
    expect(plain).not.toMatch(/^[.-]/);
    expect(Buffer.byteLength(decodeURIComponent(encoded))).toBeLessThanOrEqual(255);
    expect(response.headers.get('set-cookie')).toBeNull();
  };

  test('as that of a part', async () => {
    // A line break in it ends the line of the header, and NUL its text: neither is a file's name.
    for (const name of names.filter((each) => !/[\r\n\0]/.test(each)))
      await expectSafe(await postParts(image('file', name), field('width', '8')));
  });

  test('as output.filename', async () => {
    for (const name of names.filter((each) => each.length > 0 && each.length < 256))
      await expectSafe(
        await postParts(image(), field('width', '8'), field('output[filename]', name)),
      );
  });

  test('as either, of a result that is kept: its key is made of ids alone', async () => {
    for (const name of ['../../etc/passwd', 's-%d.png', '%pipe%id', '@file']) {
      const body = multipart([
        image('file', name),
        field('width', '8'),
        field('output[filename]', name),
      ]);
      const json = { accept: 'application/json' };
      const answer = await post(body, multipartType, 'image-resize', json);
      const { files } = (await answer.json()) as { files: { id: string; url: string }[] };
      const path = new URL(files[0]?.url ?? '').pathname;
      expect(path).toMatch(/^[\w/.-]+$/);
      expect(path).not.toMatch(/\.\.|passwd|pipe|%/);
    }
  });

  // The honest calls of these tests are charged.
  afterEach(async () => {
    expectNoHarm = await watchForHarm(account);
  });
});

describe('what is another type by its bytes never reaches an engine, whatever its name says', () => {
  const playlist = '#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n';
  const script = '%!PS-Adobe-3.0\n(/etc/passwd) (r) file 100 string readstring pop print\n';
  test.each([
    ['video-compress', 'playlist', ['mp4', 'avi', 'mov', 'mp3'], playlist],
    ['video-compress', 'list of files', ['mp4'], 'ffconcat version 1.0\nfile /etc/passwd\n'],
    ['pdf-to-images', 'PostScript', ['pdf', 'eps'], script],
    ['pdf-to-images', 'PDF behind PostScript', ['pdf'], '%!PS\n%PDF-1.7\n'],
    ['image-resize', 'PSD', ['psd', 'jpg'], '8BPS\0\x01'],
    ['image-resize', 'ICO', ['ico', 'png'], '\0\0\x01\0\xff\0\x10\x10'],
    ['img-to-pdf', 'BMP', ['bmp', 'png'], 'BMF\0\0\0\0\0\0\x80'],
    ['word-to-pdf', 'RTF', ['docx'], '{\\rtf1 text}'],
  ])('%s: %s', async (tool, _what, extensions, content) => {
    for (const extension of extensions) {
      const name = tool === 'img-to-pdf' ? 'files' : 'file';
      const file = { name, filename: `x.${extension}`, body: Buffer.from(content, 'latin1') };
      const response = await post(multipart([file]), multipartType, tool);
      expectProblem(response, await response.text(), 'unsupported_input', 415);
    }
  });
});

function splitHead(body: Buffer): [Buffer, Buffer] {
  const at = body.indexOf('\r\n\r\n');
  return [body.subarray(0, at), body.subarray(at)];
}
