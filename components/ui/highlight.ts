import { createHighlighterCore, type HighlighterCore } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';

/** A piece of a line of code in one colour. */
export type CodeToken = { text: string; color?: string };

/** Code in one language, with its coloured lines where the server has made them. */
export type CodeSample = { label: string; code: string; lines?: CodeToken[][] };

const languages: Record<string, string> = {
  cURL: 'bash',
  TypeScript: 'typescript',
  Python: 'python',
  PHP: 'php',
  JSON: 'json',
};

const theme = 'github-dark-default';
let highlighter: Promise<HighlighterCore> | undefined;

/** Colours code on the server: readers get plain spans, and no grammar reaches the browser. */
export async function highlight(
  samples: { label: string; code: string }[],
): Promise<Required<CodeSample>[]> {
  highlighter ??= createHighlighterCore({
    engine: createJavaScriptRegexEngine(),
    themes: [import('shiki/themes/github-dark-default.mjs')],
    langs: [
      import('shiki/langs/bash.mjs'),
      import('shiki/langs/typescript.mjs'),
      import('shiki/langs/python.mjs'),
      import('shiki/langs/php.mjs'),
      import('shiki/langs/json.mjs'),
    ],
  });
  const { codeToTokens } = await highlighter;
  return samples.map(({ code, label }) => {
    // PHP is coloured only behind its opening tag, which the samples leave out.
    const isPhp = label === 'PHP';
    const source = isPhp ? `<?php\n${code}` : code;
    const { tokens } = codeToTokens(source, { lang: languages[label] ?? 'bash', theme });
    const lines = isPhp ? tokens.slice(1) : tokens;
    return {
      label,
      code,
      lines: lines.map((line) => line.map(({ color, content }) => ({ text: content, color }))),
    };
  });
}
