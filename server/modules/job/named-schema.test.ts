import { type ToolId, tools } from '@nebula/contract/tools';
import { describe, expect, test } from 'vitest';
import { callInputOf, splitCall } from './named-schema.ts';

const parse = (tool: ToolId, call: Record<string, unknown>) =>
  callInputOf(tools[tool]).safeParse(call);

describe('what a call says of its job', () => {
  test('is taken apart from what its tool is to do', () => {
    const call = { html: '<p>', tag: 'a', expires_in: 60, metadata: { order: '7', title: 'T' } };
    expect(parse('html-to-pdf', call).success).toBe(true);
    expect(splitCall(tools['html-to-pdf'], call)).toEqual({
      input: { html: '<p>', metadata: { title: 'T' } },
      names: { tag: 'a', expires_in: 60, metadata: { order: '7' } },
    });
    expect(splitCall(tools['image-resize'], { width: 1, metadata: { title: 'T' } })).toEqual({
      input: { width: 1 },
      names: { metadata: { title: 'T' } },
    });
  });

  test('leaves a call that says nothing as it was', () => {
    const call = { html: '<p>', metadata: { author: 'A', keywords: ['k'] } };
    expect(splitCall(tools['html-to-pdf'], call)).toEqual({ input: call, names: {} });
  });

  test.each(['html-to-pdf', 'image-resize'] as const)('has its limits at %s', (tool) => {
    const source = tool === 'html-to-pdf' ? { html: '<p>' } : { url: 'https://example.com/a.png' };
    const pairs = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_none, at) => [`k${at}`, 'v']));
    expect(parse(tool, { ...source, metadata: pairs(20) }).success).toBe(true);
    for (const wrong of [
      { metadata: pairs(21) },
      { metadata: { a: 1 } },
      { metadata: { a: 'x'.repeat(501) } },
      { tag: '' },
      { tag: 'x'.repeat(101) },
      { expires_in: 59 },
    ])
      expect(parse(tool, { ...source, ...wrong }).success, JSON.stringify(wrong)).toBe(false);
  });

  test('does not lift the rules of the tool', () => {
    expect(parse('html-to-pdf', { tag: 'a' }).success).toBe(false);
    expect(parse('html-to-pdf', { html: '<p>', nothing: 1 }).success).toBe(false);
  });
});
