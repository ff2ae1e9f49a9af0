import type { PdfEdit } from './pdf-file.ts';

/** `place` are operators that move the axes; `name` is its own on all pages that share resources. */
type Layer = { form: number; name: string; place?: string };

/**
 * Draws a form over a page. The content below is not touched, so that text, tags, bookmarks and
 * links stay as they are; whoever reads the page aloud leaves the form out.
 */
export async function layOver(objects: PdfEdit, id: number, layer: Layer): Promise<void> {
  const { put, read } = objects;
  const { form, name, place = '' } = layer;
  const before = put(streamOf('q'));
  // The content below may have moved the axes.
  const after = put(streamOf(`Q /Artifact BMC q ${place} ${name} Do Q EMC`));
  const page = change(
    await read(id),
    /\/Contents\s*(?:\[([^\]]*)\]|(\d+ 0 R))/,
    (_, list?: string, one?: string) => `/Contents [${before} 0 R ${list ?? one} ${after} 0 R]`,
  );
  put(await addResource(page, `${name} ${form} 0 R`, objects), id);
}

/** Makes a form known to a page, in its own resources or in those that it shares. */
async function addResource(page: string, entry: string, { put, read }: PdfEdit): Promise<string> {
  const add = (text: string, dictionary: RegExp) =>
    /\/XObject\s*<</.test(text)
      ? text.replace(/\/XObject\s*<</, (start) => `${start} ${entry} `)
      : change(text, dictionary, (start) => `${start} /XObject << ${entry} >> `);
  const shared = /\/Resources (\d+) 0 R/.exec(page)?.[1];
  if (shared === undefined) return add(page, /\/Resources\s*<</);
  const resources = await read(Number(shared));
  if (!resources.includes(entry)) put(add(resources, /^<</), Number(shared));
  return page;
}

/** A stream of its own operators, which are ASCII. */
export const streamOf = (operators: string, entries = '') =>
  `<< ${entries} /Length ${operators.length} >>\nstream\n${operators}\nendstream`;

function change(text: string, pattern: RegExp, to: (...found: string[]) => string): string {
  if (!pattern.test(text)) throw new Error(`A page lacks what ${pattern} describes.`);
  return text.replace(pattern, to);
}
