import { type FileType, fileTypes } from '@nebula/contract/file-types';

const maxNameBytes = 255;

/** What an output is called: the caller's template, and the facts that fill it. */
export type NameFacts = {
  /** Text with {name}, {page} and {index}. */
  template?: string;
  /** The name of the input that the output was made from. */
  inputName?: string;
  /** What the name is where no input has one. */
  fallback: string;
  type: FileType;
  page?: number;
  /** 1-based place among the outputs. */
  index: number;
  /** How many outputs there are. */
  count: number;
  label?: string;
};

/** The name of one output, for display only; it ends in the extension of its type. */
export function outputName(facts: NameFacts): string {
  const { type, page, index, fallback } = facts;
  const name = stem(facts.inputName ?? '') || fallback;
  const filled = (facts.template ?? defaultTemplate(facts)).replace(
    /\{(name|page|index)\}/g,
    (_, key: string) => ({ name, page: String(page ?? index), index: String(index) })[key] ?? '',
  );
  const { extension } = fileTypes[type];
  return safeName(withoutExtension(filled, type), fallback, `.${extension}`);
}

function defaultTemplate({ label, page, count }: NameFacts): string {
  if (count === 1) return '{name}';
  if (label !== undefined) return `{name}-${label}`;
  return page === undefined ? '{name}-{index}' : '{name}-{page}';
}

/** Tells equal names apart by a number: `a.png`, `a-2.png`. */
export function uniqueNames(names: string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const dot = name.lastIndexOf('.');
    let unique = name;
    for (let number = 2; taken.has(unique); number++) {
      const suffix = `-${number}`;
      const extension = name.slice(dot);
      unique = cut(name.slice(0, dot), maxNameBytes - suffix.length - extension.length);
      unique += suffix + extension;
    }
    taken.add(unique);
    return unique;
  });
}

/**
 * A name that is safe to show and to save: no path, no control or direction characters, no leading
 * dot or dash, no name that Windows reserves, at most 255 bytes.
 */
export function safeName(name: string, fallback: string, extension = ''): string {
  const base = name.toWellFormed().normalize('NFC').replace(invisible, '').split(/[\\/]/).at(-1);
  const bare = (base ?? '')
    .replace(/[:*?"<>|]/g, '_')
    .replace(/^[\s.-]+/, '')
    .replace(/[\s.]+$/, '');
  const short = cut(bare || fallback, maxNameBytes - 1 - extension.length);
  return (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(short) ? `_${short}` : short) + extension;
}

/** Control characters, line separators, and what changes the direction of the text around it. */
const invisible =
  /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

function stem(name: string): string {
  return safeName(name, '').replace(/\.[a-z][a-z0-9]{0,4}$/i, '');
}

function withoutExtension(name: string, type: FileType): string {
  const known = type === 'jpg' ? ['jpg', 'jpeg'] : [type, fileTypes[type].extension];
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase();
  return extension !== undefined && known.includes(extension)
    ? name.slice(0, -extension.length - 1)
    : name;
}

function cut(text: string, maxBytes: number): string {
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    kept += character;
  }
  return kept;
}
