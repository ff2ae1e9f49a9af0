import { editPages, type PdfEdit } from '../documents/pdf-file.ts';
import { markLines, markOpacity, markSide, markTurn } from './strokes.ts';

const name = '/TestMark';

/**
 * Lays the mark over the middle of every page, by an update at the end of the file. The mark is
 * lines alone and no part of the content, so that text, tags, bookmarks and links stay as they are.
 */
export function stampTestMark(path: string): Promise<void> {
  return editPages(path, async (pages, objects) => {
    const mark = putMark(objects.put);
    const before = objects.put(streamOf('q'));
    const stamps = new Map<string, number>();
    for (const id of pages) {
      const page = await objects.read(id);
      const operators = placeMark(page);
      const stamp = stamps.get(operators) ?? objects.put(streamOf(operators));
      stamps.set(operators, stamp);
      const contents = /\/Contents\s*(?:\[([^\]]*)\]|(\d+ 0 R))/;
      const marked = expect(page, contents).replace(
        contents,
        (_, list?: string, one?: string) => `/Contents [${before} 0 R ${list ?? one} ${stamp} 0 R]`,
      );
      objects.put(await addResource(marked, mark, objects), id);
    }
  });
}

/** Makes the mark known to a page, in its own resources or in those that it shares. */
async function addResource(page: string, mark: number, { put, read }: PdfEdit): Promise<string> {
  const entry = `${name} ${mark} 0 R`;
  const add = (text: string, dictionary: RegExp) =>
    /\/XObject\s*<</.test(text)
      ? text.replace(/\/XObject\s*<</, (start) => `${start} ${entry} `)
      : expect(text, dictionary).replace(
          dictionary,
          (start) => `${start} /XObject << ${entry} >> `,
        );
  const shared = /\/Resources (\d+) 0 R/.exec(page)?.[1];
  if (shared === undefined) return add(page, /\/Resources\s*<</);
  const resources = await read(Number(shared));
  if (!resources.includes(entry)) put(add(resources, /^<</), Number(shared));
  return page;
}

/** What the page does after all else; the content before may have moved the axes. */
function placeMark(page: string): string {
  const box = /\/MediaBox\s*\[\s*([\d.-]+)\s+([\d.-]+)\s+([\d.-]+)\s+([\d.-]+)\s*\]/;
  const [left = 0, bottom = 0, right = 0, top = 0] =
    box.exec(expect(page, box))?.slice(1).map(Number) ?? [];
  const side = Math.min(right - left, top - bottom);
  // A page that is shown turned by a quarter clockwise has its mark turned back.
  const turn = (Number(/\/Rotate (-?\d+)/.exec(page)?.[1] ?? 0) * Math.PI) / 180;
  const [cos, sin] = [Math.round(Math.cos(turn)), Math.round(Math.sin(turn))];
  const scale = side / markSide;
  const matrix = [cos * scale, sin * scale, -sin * scale, cos * scale];
  const place = [...matrix, (left + right) / 2, (bottom + top) / 2].map(n).join(' ');
  // Whoever reads the page aloud leaves an artifact out.
  return `Q /Artifact BMC q ${place} cm ${name} Do Q EMC`;
}

/** The mark around the origin; one group, so that what lies below shines through all lines alike. */
function putMark(put: PdfEdit['put']): number {
  const half = markSide / 2;
  const form = `/Type /XObject /Subtype /Form /BBox [${-half} ${-half} ${half} ${half}]`;
  const turn = (markTurn * Math.PI) / 180;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)].map(n);
  const lines = [
    `${cos} ${sin} ${sin} -${cos} 0 0 cm 1 0 0 1 ${-half} ${-half} cm 2 J 1 j`,
    ...markLines.map(({ path, shade, width }) => `${shade} G ${width} w ${toOperators(path)} S`),
  ];
  const group = '/Group << /S /Transparency /CS /DeviceGray /I true >>';
  const drawn = put(streamOf(lines.join('\n'), `${form} ${group} /Resources << >>`));
  const pale = `/ExtGState << /Pale << /ca ${markOpacity} >> >>`;
  const resources = `/Resources << /XObject << /Lines ${drawn} 0 R >> ${pale} >>`;
  return put(streamOf('/Pale gs /Lines Do', `${form} ${resources}`));
}

/** `M` and `L` take one place, `C` three: PDF has the same operators behind their numbers. */
function toOperators(path: string): string {
  const moves = path.matchAll(/([MLC])([^MLC]+)/g);
  return [...moves].map(([, move = '', places]) => `${places} ${move.toLowerCase()}`).join(' ');
}

const streamOf = (operators: string, entries = '') =>
  `<< ${entries} /Length ${operators.length} >>\nstream\n${operators}\nendstream`;

/** A number as PDF takes it: at most six digits behind the point. */
const n = (value: number) => String(Math.round(value * 1e6) / 1e6);

function expect(text: string, pattern: RegExp): string {
  if (!pattern.test(text)) throw new Error(`A page lacks what ${pattern} describes.`);
  return text;
}
