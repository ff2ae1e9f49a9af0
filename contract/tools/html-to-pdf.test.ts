import { describe, expect, it } from 'vitest';
import { parseInput } from '../explain.ts';
import { commonOptions } from '../tool.ts';
import { htmlToPdf } from './html-to-pdf.ts';

const parse = (input: Record<string, unknown>) => parseInput(htmlToPdf.input, input);

function fieldsAtFault(input: Record<string, unknown>): string[] {
  const parsed = htmlToPdf.input.safeParse(input);
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'));
}

describe('defaults', () => {
  it('are those of a plain A4 print', () => {
    expect(parse({ html: '<p>x' })).toMatchObject({
      page_size: 'A4',
      margin: { top: '10mm', right: '10mm', bottom: '10mm', left: '10mm' },
      landscape: false,
      scale: 1,
      single_page: false,
      prefer_css_page_size: false,
      print_background: true,
      transparent: false,
      pages: 'all',
      wait: { until: 'load', delay_ms: 0, timeout_ms: 30_000 },
      media: 'print',
      color_scheme: 'light',
      cookies: [],
      headers: {},
      javascript_enabled: true,
      fail_on: { http_status: false, resources: false, console: false },
      block: { types: [], patterns: [] },
      tagged: true,
      outline: false,
      scroll_to_load: false,
      cache: true,
      timeout_seconds: 120,
    });
  });

  it('hold for the fields of an object that is given in part', () => {
    const { footer, header, margin, wait } = parse({
      html: 'x',
      margin: { top: '1in' },
      wait: { selector: '#a' },
      header: { html: 'h' },
      footer: { html: 'f', height: '20mm', start_page: 2 },
    });
    expect(margin).toEqual({ top: '1in', right: '10mm', bottom: '10mm', left: '10mm' });
    expect(wait).toMatchObject({ until: 'load', selector: '#a', timeout_ms: 30_000 });
    expect(header).toEqual({ html: 'h', height: '15mm', start_page: 1 });
    expect(footer).toMatchObject({ height: '20mm', start_page: 2 });
  });

  it('every option has a description and a place in the form', () => {
    const fields = Object.entries(htmlToPdf.run.shape);
    for (const [name, field] of fields) expect(field.description, name).toBeTruthy();
    const common = ['html', 'url', ...Object.keys(commonOptions)];
    const placed = htmlToPdf.groups.flatMap((group) => [...group.fields]);
    expect([...placed].sort()).toEqual(
      fields
        .map(([name]) => name)
        .filter((name) => !common.includes(name))
        .sort(),
    );
  });
});

describe('a value out of range names its field', () => {
  it.each([
    ['scale', { scale: 9 }],
    ['page_size', { page_size: 'A7' }],
    ['margin.top', { margin: { top: '1parsec' } }],
    ['wait.delay_ms', { wait: { delay_ms: 10_001 } }],
    ['pages', { pages: '0' }],
    ['header.start_page', { header: { html: 'x', start_page: 0 } }],
    ['block.types.0', { block: { types: ['everything'] } }],
    ['encrypt.owner', { encrypt: { owner: '' } }],
    ['encrypt.owner', { encrypt: { owner: 'two\nlines' } }],
    ['cookies.0.value', { cookies: [{ name: 'a', value: 'x\r\nSet-Cookie: y' }] }],
    ['user_agent', { user_agent: 'a\r\nb' }],
  ])('%s', (field, options) => {
    expect(fieldsAtFault({ url: 'https://example.com/', ...options })).toContain(field);
  });

  it('says what was expected and what came', () => {
    expect(() => parse({ html: 'x', scale: 9 })).toThrow(
      'Expected scale between 0.1 and 2, received 9.',
    );
  });
});

describe('rules over several options', () => {
  it.each([
    ['height', { width: '100mm' }],
    ['width', { height: '100mm' }],
    ['width', { width: '1mm', height: '100mm' }],
    ['height', { width: '100mm', height: '9000mm' }],
    ['single_page', { single_page: true, prefer_css_page_size: true }],
    ['outline', { outline: true, tagged: false }],
    ['margin.left', { page_size: 'A6', margin: { left: '60mm', right: '50mm' } }],
    ['margin.top', { page_size: 'A6', header: { html: 'x', height: '140mm' } }],
    ['margin.top', { page_size: 'A4', landscape: true, margin: { top: '150mm', bottom: '60mm' } }],
    ['cookies', { cookies: [{ name: 'a', value: 'b' }] }],
    ['headers', { headers: { 'x-a': 'b' } }],
    ['basic_auth', { basic_auth: { username: 'a', password: 'b' } }],
    ['javascript', { javascript: '1', javascript_enabled: false }],
    ['wait.expression', { wait: { expression: '1' }, javascript_enabled: false }],
    ['scroll_to_load', { scroll_to_load: true, javascript_enabled: false }],
  ])('%s is at fault in %j', (field, options) => {
    expect(fieldsAtFault({ html: 'x', ...options })).toEqual([field]);
  });

  it.each([
    ['Host'],
    ['Content-Length'],
    ['Transfer-Encoding'],
    ['Proxy-Authorization'],
    ['Sec-Fetch-Site'],
  ])('the header %s cannot be given', (name) => {
    const input = { url: 'https://example.com/', headers: { [name]: 'x' } };
    expect(fieldsAtFault(input)).toEqual([`headers.${name}`]);
  });

  it.each([
    [{ width: '100mm', height: '100mm' }],
    [{ page_size: 'A6', landscape: true, margin: { left: '60mm', right: '60mm' } }],
    [{ single_page: true, margin: { top: '290mm' } }],
    [{ pages: 'odd,!3,last', header: { html: '' } }],
  ])('%j is accepted', (options) => {
    expect(fieldsAtFault({ html: 'x', ...options })).toEqual([]);
  });

  it('exactly one source is needed', () => {
    expect(fieldsAtFault({})).toHaveLength(1);
    expect(fieldsAtFault({ html: 'x', url: 'https://example.com/' })).toHaveLength(1);
  });
});
