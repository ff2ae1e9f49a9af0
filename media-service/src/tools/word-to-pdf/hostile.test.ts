import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createConverter } from './testing/converter.ts';
import { docx, graphic, namespaces, p, r, zipEntries } from './testing/docx.ts';
import { compoundFile, encryptDocx } from './testing/encrypt.ts';

const converter = createConverter();
const { convert, run, write } = converter;

let hits = 0;
const canary = createServer((_request, response) => {
  hits += 1;
  response.end();
});
let canaryUrl = '';

beforeAll(async () => {
  await converter.start();
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  canaryUrl = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/`;
});

afterAll(async () => {
  canary.close();
  await converter.stop();
});

afterEach(async () => {
  const pdf = await convert(p('a good document'));
  expect(pdf.text().trim()).toBe('a good document');
  expect(pdf.warnings).toEqual([]);
  expect(hits).toBe(0);
});

async function refusal(bytes: Buffer, options: Record<string, unknown> = {}, timeoutMs = 50_000) {
  const error: unknown = await run(write(bytes), options, timeoutMs).then(
    () => 'converted',
    (reason: unknown) => reason,
  );
  return error;
}

const document = (body: string) =>
  `<w:document ${namespaces}><w:body>${body}</w:body></w:document>`;
const main = { name: 'word/document.xml', data: Buffer.from(document(p('x'))) };

/** A ZIP with stored entries whose headers say what the test wants. */
function rawZip(
  entries: {
    name: string;
    data: Buffer;
    size?: number;
    flags?: number;
    attributes?: number;
    offset?: number;
    method?: number;
  }[],
): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { attributes = 0, data, flags = 0, method = 0, name, offset, size } of entries) {
    const nameBytes = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(data.length, 18);
    local.writeUInt32LE(size ?? data.length, 22);
    local.writeUInt16LE(nameBytes.length, 26);
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x02014b50, 0);
    header.writeUInt16LE(0x031e, 4);
    header.writeUInt16LE(flags, 8);
    header.writeUInt16LE(method, 10);
    header.writeUInt32LE(data.length, 20);
    header.writeUInt32LE(size ?? data.length, 24);
    header.writeUInt16LE(nameBytes.length, 28);
    header.writeUInt32LE(attributes >>> 0, 38);
    header.writeUInt32LE(offset ?? at, 42);
    central.push(header, nameBytes);
    if (offset === undefined) {
      locals.push(local, nameBytes, data);
      at += 30 + nameBytes.length + data.length;
    }
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length & 0xffff, 8);
  end.writeUInt16LE(entries.length & 0xffff, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** A package whose directory has the 64 bits of large files, with these values in it. */
function zip64(offset: bigint, entries: bigint): Buffer {
  const whole = rawZip([main]);
  const end = whole.subarray(-22);
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(entries, 24);
  record.writeBigUInt64LE(entries, 32);
  record.writeBigUInt64LE(46n, 40);
  record.writeBigUInt64LE(offset, 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(whole.length - 22), 8);
  locator.writeUInt32LE(1, 16);
  const last = Buffer.from(end);
  last.fill(0xff, 8, 20);
  return Buffer.concat([whole.subarray(0, -22), record, locator, last]);
}

/** A package with a part whose bytes are those of the whole file. */
function insideItself(): Buffer {
  const part = { name: 'word/self.docx', data: Buffer.alloc(100) };
  const whole = rawZip([main, part]);
  const header = whole.lastIndexOf('PK\x01\x02', whole.length, 'latin1');
  for (const at of [20, 24]) whole.writeUInt32LE(whole.length, header + at);
  whole.writeUInt32LE(0, header + 42);
  return whole;
}

describe('packages (D1)', () => {
  it.each<[string, Buffer, string]>([
    [
      'a name that leads outside',
      rawZip([main, { name: '../evil.xml', data: Buffer.from('x') }]),
      'corrupt_input',
    ],
    [
      'an absolute name',
      rawZip([main, { name: '/etc/passwd', data: Buffer.from('x') }]),
      'corrupt_input',
    ],
    ['a name with NUL', rawZip([main, { name: 'a\0b', data: Buffer.from('x') }]), 'corrupt_input'],
    [
      'a name with backslashes',
      rawZip([main, { name: '..\\..\\evil.xml', data: Buffer.from('x') }]),
      'corrupt_input',
    ],
    ['a drive', rawZip([main, { name: 'C:\\evil.xml', data: Buffer.from('x') }]), 'corrupt_input'],
    ['more bytes than a number can hold', zip64(2n ** 60n, 3n), 'corrupt_input'],
    ['more parts than a number can hold', zip64(1n, 2n ** 62n), 'input_too_complex'],
    ['itself as a part', insideItself(), 'corrupt_input'],
    ['a name twice', rawZip([main, main]), 'corrupt_input'],
    [
      'a name twice in other letters',
      rawZip([main, { ...main, name: 'WORD/document.xml' }]),
      'corrupt_input',
    ],
    ['an encrypted part', rawZip([{ ...main, flags: 1 }]), 'corrupt_input'],
    ['a symbolic link', rawZip([{ ...main, attributes: 0o120777 << 16 }]), 'corrupt_input'],
    [
      'parts that overlap',
      rawZip([main, { name: 'b.xml', data: Buffer.alloc(50), offset: 10 }]),
      'corrupt_input',
    ],
    [
      '200 MB that a part says it has',
      rawZip([{ ...main, method: 8, size: 250 * 1024 * 1024 }]),
      'input_too_complex',
    ],
    [
      '2,001 parts',
      rawZip(
        Array.from({ length: 2_001 }, (_, index) => ({ name: `p${index}`, data: Buffer.alloc(1) })),
      ),
      'input_too_complex',
    ],
    [
      '65,000 parts',
      rawZip(
        Array.from({ length: 65_000 }, (_, index) => ({
          name: `p${index}`,
          data: Buffer.alloc(0),
        })),
      ),
      'input_too_complex',
    ],
    ['half of a file', rawZip([main]).subarray(0, 100), 'corrupt_input'],
  ])('%s', async (_name, bytes, code) => {
    expect(await refusal(bytes)).toMatchObject({ code });
  });

  it('a part that inflates a thousandfold', async () => {
    const bomb = await zipEntries({ 'word/document.xml': document(p(' '.repeat(20_000_000))) });
    expect(bomb.length).toBeLessThan(100_000);
    expect(await refusal(bomb)).toMatchObject({ code: 'input_too_complex' });
  });

  it('a part that is larger than its header says', async () => {
    const honest = await zipEntries({ 'word/document.xml': document(p('x'.repeat(5_000))) });
    const header = honest.indexOf('PK\x01\x02', 0, 'latin1');
    honest.writeUInt32LE(10, header + 24);
    expect(await refusal(honest)).toMatchObject({ code: 'corrupt_input' });
  });
});

describe('content that never ends (D2)', () => {
  it.each<[string, string, string]>([
    [
      'an external entity',
      '<!DOCTYPE w:document [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
      'corrupt_input',
    ],
    [
      'a billion laughs',
      '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>',
      'corrupt_input',
    ],
  ])('%s', async (_name, prolog, code) => {
    const bytes = await zipEntries({ 'word/document.xml': `${prolog}${document(p('&amp;x;'))}` });
    expect(await refusal(bytes)).toMatchObject({ code });
  });

  it('elements 20,000 deep', async () => {
    const deep = `${'<w:sdt><w:sdtContent>'.repeat(10_000)}${p('x')}${'</w:sdtContent></w:sdt>'.repeat(10_000)}`;
    expect(await refusal(await docx(deep))).toMatchObject({ code: 'input_too_complex' });
  });

  it('500,000 paragraphs, kept from filling the memory', async () => {
    const lines = Array.from({ length: 500_000 }, (_, index) => `<w:p w:id="${index * 7919}"/>`);
    // On a slow machine the budget of the process ends before its heap is full; both say the same.
    expect(await refusal(await docx(lines.join('')), {}, 110_000)).toMatchObject({
      code: 'input_too_complex',
    });
  }, 120_000);

  it('a circle of styles, of links between lists, and of numbers', async () => {
    const style = (id: string, base: string) =>
      `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${id}"/><w:basedOn w:val="${base}"/></w:style>`;
    const pdf = await convert({
      body: p('text', {
        properties: '<w:pStyle w:val="A"/><w:numPr><w:numId w:val="1"/></w:numPr>',
      }),
      styles: style('A', 'B') + style('B', 'A'),
      numbering:
        '<w:abstractNum w:abstractNumId="0"><w:styleLink w:val="S"/><w:numStyleLink w:val="S"/></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>',
    });
    expect(pdf.text().trim()).toBe('text');
  });

  it('fields that open and never close, or close and never open', async () => {
    const open = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>';
    const close = '<w:r><w:fldChar w:fldCharType="end"/></w:r>';
    const pdf = await convert(`<w:p>${close.repeat(50)}${r('kept')}${open.repeat(50)}</w:p>`);
    expect(pdf.text().trim()).toBe('kept');
  });

  it('a word of 10,000 letters, and sizes beyond all measure', async () => {
    const pdf = await convert(
      p('w'.repeat(10_000)) +
        p('x', { properties: '<w:ind w:left="99999999"/><w:spacing w:before="999999999"/>' }) +
        p('big', { run: '<w:sz w:val="999999"/>' }),
    );
    expect(pdf.text().replace(/[^w]/g, '')).toHaveLength(10_000);
  });

  it('grid spans of a million columns', async () => {
    const cell = `<w:tc><w:tcPr><w:gridSpan w:val="1000000"/></w:tcPr>${p('cell')}</w:tc>`;
    const pdf = await convert(`<w:tbl><w:tr>${cell.repeat(3)}</w:tr></w:tbl>`);
    expect(pdf.text()).toContain('cell');
  });
});

describe('what lies outside of the file (D3)', () => {
  it('is never read: linked images by http, file, device and share', async () => {
    const targets = [canaryUrl, 'file:///etc/passwd', '/dev/zero', '\\\\127.0.0.1\\share\\a.png'];
    const pdf = await convert({
      body: `<w:p>${targets.map((_, index) => `<w:r><w:drawing><wp:inline>${graphic(`r${index}`).replace('r:embed', 'r:link')}</wp:inline></w:drawing></w:r>`).join('')}${targets.map((_, index) => `<w:r><w:drawing><wp:inline>${graphic(`r${index}`)}</wp:inline></w:drawing></w:r>`).join('')}</w:p>`,
      relationships: targets.map((target, index) => [`r${index}`, 'image', target, true] as const),
    });
    expect(pdf.warnings).toEqual([
      expect.objectContaining({ code: 'not_converted', feature: 'external_image', count: 8 }),
    ]);
  });

  it('is never read: an embedded image whose target leads out of the package', async () => {
    const pdf = await convert({
      body: `<w:p><w:r><w:drawing><wp:inline>${graphic('rOut')}</wp:inline></w:drawing></w:r></w:p>`,
      relationships: [['rOut', 'image', '../../../../../../etc/passwd']],
    });
    expect(pdf.warnings).toEqual([expect.objectContaining({ code: 'image_unreadable' })]);
  });

  it('is never read: templates, sub-documents and frames', async () => {
    const pdf = await convert({
      body: `${p('x')}<w:subDoc r:id="rSub"/>`,
      relationships: [
        ['rSub', 'subDocument', canaryUrl, true],
        ['rTemplate', 'attachedTemplate', canaryUrl, true],
      ],
    });
    expect(pdf.text().trim()).toBe('x');
  });
});

describe('other documents under the name of Word (D4)', () => {
  it.each<[string, Buffer | Promise<Buffer>]>([
    ['Word 97', compoundFile({ WordDocument: Buffer.from('old') })],
    [
      'a workbook',
      zipEntries({
        '[Content_Types].xml':
          '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        'xl/workbook.xml': '<x/>',
      }),
    ],
    [
      'OpenDocument',
      zipEntries({ mimetype: 'application/vnd.oasis.opendocument.text', 'content.xml': '<x/>' }),
    ],
  ])('%s', async (_name, bytes) => {
    expect(await refusal(await bytes)).toMatchObject({ code: 'unsupported_input', status: 415 });
  });

  it.each([
    ['RTF', '{\\rtf1 text}'],
    ['HTML', '<html><body>x</body></html>'],
    ['flat ODF', '<?xml version="1.0"?><office:document/>'],
  ])('%s', async (_name, text) => {
    expect(await refusal(Buffer.from(text))).toMatchObject({ code: 'corrupt_input' });
  });
});

describe('names that are also those of objects (D6)', () => {
  it('are names like any other, and the next document knows nothing of them', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const pdf = await convert({
      body: names
        .map((name) =>
          p(name, {
            properties: `<w:pStyle w:val="${name}"/>`,
            run: `<w:rFonts w:ascii="Arial"/><w:color w:val="${name}"/><w:highlight w:val="${name}"/><w:rStyle w:val="${name}"/>`,
          }),
        )
        .join(''),
      styles: names
        .map(
          (name) =>
            `<w:style w:type="paragraph" w:styleId="${name}"><w:name w:val="${name}"/></w:style>`,
        )
        .join(''),
    });
    for (const name of names) expect(pdf.text()).toContain(name);
  });
});

describe('encrypted documents', () => {
  it('open with their password, and say which one of two things is wrong without', async () => {
    const file = encryptDocx(await docx(p('secret text '.repeat(400))), 'pässword');
    const pdf = await run(write(file), { password: 'pässword' });
    expect(pdf.text()).toContain('secret text');
    expect(JSON.stringify(pdf.effective)).not.toContain('pässword');
    expect(await refusal(file)).toMatchObject({
      code: 'password_required',
      details: { param: 'password' },
    });
    expect(await refusal(file, { password: 'wrong' })).toMatchObject({
      code: 'password_incorrect',
    });
  });

  it('are refused where they are damaged', async () => {
    const file = encryptDocx(await docx(p('x')), 'p');
    expect(await refusal(file.subarray(0, 2048), { password: 'p' })).toMatchObject({
      code: 'corrupt_input',
    });
    const circle = Buffer.from(file);
    circle.writeUInt32LE(0, 68);
    expect(await refusal(circle, { password: 'p' })).toMatchObject({ code: 'corrupt_input' });
  });
});

describe('the process of a document', () => {
  it('is gone when the document is done, and when the caller hangs up', async () => {
    const lines = Array.from({ length: 60_000 }, (_, index) => p(`line ${index}`)).join('');
    const path = write(await docx(lines));
    await expect(run(path, {}, 1_000)).rejects.toMatchObject({ code: 'tool_timeout' });
    const { busy } = converter.engines.word.health();
    expect(busy).toBe(0);
  });
});
