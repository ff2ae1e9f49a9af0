import { createRequire } from 'node:module';
import { AppError } from '@nebula/contract/errors';

/** What a rule of the caller makes of a paragraph or a run. */
export type Mapped = { heading?: number; tags: readonly string[]; isLeftOut: boolean };

export type StyleMap = {
  paragraph: (
    style: { id: string; name: string },
    list?: { level: number; isOrdered: boolean },
  ) => Mapped | undefined;
  run: (style: { id: string; name: string } | undefined) => Mapped | undefined;
  /** For `b`, `i`, `u` and `strike`, whatever the style. */
  character: (type: 'bold' | 'italic' | 'underline' | 'strikethrough') => Mapped | undefined;
};

type Matcher = { matches: (element: Record<string, unknown>) => boolean };

type Rule = { from: Matcher; to: { _elements?: { tagName: string }[] } };

const require = createRequire(import.meta.url);

/** Mammoth's own parser of the rules, which its entry does not give away. */
const { readStyle } = require('mammoth/lib/style-reader.js') as {
  readStyle: (text: string) => { value: Rule | null; messages: { message: string }[] };
};

const known = /^(h[1-6]|p|blockquote|pre|code|strong|b|em|i|u|s|del|sup|sub|ul|ol|li|div|span)$/;

/**
 * Reads the rules of `style_map[]`; the first one that matches counts.
 *
 * @throws AppError `invalid_input` that names the rule
 */
export function readStyleMap(lines: readonly string[]): StyleMap {
  const rules = lines.map(readRule);
  const find = (element: Record<string, unknown>): Mapped | undefined =>
    rules.find(({ from }) => from.matches(element))?.mapped;
  return {
    paragraph: ({ id, name }, numbering) =>
      find({ type: 'paragraph', styleId: id, styleName: name, numbering }),
    run: (style) => style && find({ type: 'run', styleId: style.id, styleName: style.name }),
    character: (type) => find({ type }),
  };
}

function readRule(line: string, index: number): { from: Matcher; mapped: Mapped } {
  const path = `style_map.${index}`;
  const { messages, value } = readStyle(line);
  if (!value || messages.length > 0) throw invalid(path, 'a rule such as p.Title => h1', line);
  const tags = (value.to._elements ?? []).map(({ tagName }) => tagName.toLowerCase());
  const unknown = tags.find((tag) => !known.test(tag));
  if (unknown !== undefined)
    throw invalid(path, 'h1 to h6, p, blockquote, pre, code, strong, em, u, s, sup, sub', unknown);
  const level = tags.map((tag) => /^h([1-6])$/.exec(tag)?.[1]).find((found) => found !== undefined);
  return {
    from: value.from,
    mapped: {
      heading: level === undefined ? undefined : Number(level),
      tags,
      isLeftOut: value.to._elements === undefined,
    },
  };
}

function invalid(path: string, expected: string, received: string): AppError {
  const message = `Expected ${expected}; received ${received.slice(0, 100)}.`;
  return new AppError('invalid_input', message, {
    param: path,
    errors: [{ path, message, expected, received: received.slice(0, 100) }],
  });
}
