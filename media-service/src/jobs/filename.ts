import { type FileType, fileTypes } from '@nebula/contract/file-types';
import { displayName } from '@nebula/contract/filename';

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
  return displayName(withoutExtension(filled, type), fallback, `.${extension}`);
}

function defaultTemplate({ label, page, count }: NameFacts): string {
  if (count === 1) return '{name}';
  if (label !== undefined) return `{name}-${label}`;
  return page === undefined ? '{name}-{index}' : '{name}-{page}';
}

function stem(name: string): string {
  return displayName(name, '').replace(/\.[a-z][a-z0-9]{0,4}$/i, '');
}

function withoutExtension(name: string, type: FileType): string {
  const known = type === 'jpg' ? ['jpg', 'jpeg'] : [type, fileTypes[type].extension];
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase();
  return extension !== undefined && known.includes(extension)
    ? name.slice(0, -extension.length - 1)
    : name;
}
