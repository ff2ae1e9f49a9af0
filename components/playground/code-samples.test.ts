import { describe, expect, it } from 'vitest';
import { codeSamples, toFormFields } from './code-samples.ts';

const call = {
  origin: 'https://nebula.example',
  tool: 'image-resize',
  files: [{ field: 'file', name: 'photo.jpg' }],
  fields: { width: 320, note: "it's", margin: { top: '10mm' }, variants: [{ width: 1 }] },
};

describe('form fields', () => {
  it('are flat texts, with nested names and lists as JSON', () => {
    expect(toFormFields(call.fields)).toEqual([
      ['width', '320'],
      ['note', "it's"],
      ['margin[top]', '10mm'],
      ['variants', '[{"width":1}]'],
    ]);
  });

  it('leave out what is not set', () => {
    expect(toFormFields({ a: undefined, b: null, c: false })).toEqual([['c', 'false']]);
  });
});

describe('samples', () => {
  it('name the address, the file and every field in each language', () => {
    for (const { code } of codeSamples(call)) {
      expect(code).toContain('https://nebula.example/api/v1/tools/image-resize');
      expect(code).toContain('photo.jpg');
      expect(code).toContain('margin[top]');
    }
  });

  it('send every file of a list', () => {
    const files = ['a.jpg', 'b.jpg'].map((name) => ({ field: 'files', name }));
    const [curl, typescript, python, php] = codeSamples({ ...call, files }).map(({ code }) => code);
    expect(curl).toContain('-F files=@a.jpg \\\n  -F files=@b.jpg');
    expect(typescript).toContain('form.append("files", await openAsBlob("b.jpg"), "b.jpg");');
    expect(python).toContain(
      'files=[("files", open("a.jpg", "rb")), ("files", open("b.jpg", "rb"))]',
    );
    expect(php).toContain("'files[1]' => new CURLFile('b.jpg')");
  });

  it('of long work say that they wait, in each language', () => {
    for (const { code } of codeSamples({ ...call, isLong: true }))
      expect(code).toMatch(/Prefer"?: ?"?wait=60/);
    for (const { code } of codeSamples(call)) expect(code).not.toContain('Prefer');
  });

  it('never hold a key that was not given', () => {
    for (const { code } of codeSamples(call)) expect(code).not.toContain('nb_live_');
  });

  it('quote the name of a file, in which curl has signs of its own', () => {
    const files = [{ field: 'file', name: 'a;b, "c".jpg' }];
    const [curl] = codeSamples({ ...call, files });
    expect(curl?.code).toContain(String.raw`-F 'file=@"a;b, \"c\".jpg"'`);
  });

  it('quote for the shell', () => {
    const [curl] = codeSamples(call);
    expect(curl?.code).toContain(`--form-string 'note=it'\\''s'`);
  });
});
