import { layOver, streamOf } from '../documents/lay-over.ts';
import { match } from '../documents/open-pdf.ts';
import { editPages, type PdfEdit } from '../documents/pdf-file.ts';
import { markLines, markOpacity, markSide, markTurn } from './strokes.ts';

/**
 * Lays the mark over the middle of every page, by an update at the end of the file. The mark is
 * lines alone and no part of the content, so that text, tags, bookmarks and links stay as they are.
 */
export function stampTestMark(path: string): Promise<void> {
  return editPages(path, async (pages, objects) => {
    const form = putMark(objects.put);
    for (const id of pages) {
      const place = placeOn(await objects.read(id));
      await layOver(objects, id, { form, name: '/TestMark', place });
    }
  });
}

/** Moves the axes to the middle of a page. */
function placeOn(page: string): string {
  const box = match(page, /\/MediaBox\s*\[\s*([^\]]*?)\s*\]/);
  const [left = 0, bottom = 0, right = 0, top = 0] = box.split(/\s+/).map(Number);
  const side = Math.min(right - left, top - bottom);
  // A page that is shown turned by a quarter clockwise has its mark turned back.
  const turn = (Number(/\/Rotate (-?\d+)/.exec(page)?.[1] ?? 0) * Math.PI) / 180;
  const [cos, sin] = [Math.round(Math.cos(turn)), Math.round(Math.sin(turn))];
  const scale = side / markSide;
  const matrix = [cos * scale, sin * scale, -sin * scale, cos * scale];
  return `${[...matrix, (left + right) / 2, (bottom + top) / 2].map(n).join(' ')} cm`;
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

/** A number as PDF takes it: at most six digits behind the point. */
const n = (value: number) => String(Math.round(value * 1e6) / 1e6);
