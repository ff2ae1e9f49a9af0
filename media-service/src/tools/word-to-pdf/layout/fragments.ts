import type { PageField } from '../parse/annotations.ts';
import type { Border } from '../parse/formats.ts';
import type { LinkTarget, Picture } from '../parse/model.ts';
import type { Face } from './fonts.ts';

/** Something to draw; x and y are points from the left and the top of its fragment. */
export type Op =
  | {
      type: 'text';
      x: number;
      /** Of the baseline. */
      y: number;
      text: string;
      face: Face;
      size: number;
      color: string;
      spacing: number;
      /** A number that is known when the pages are. */
      field?: PageField;
    }
  | { type: 'rect'; x: number; y: number; width: number; height: number; color: string }
  | {
      type: 'line';
      x1: number;
      y1: number;
      x2: number;
      y2: number;
      width: number;
      color: string;
      style: Border['style'] | 'wavy';
    }
  | { type: 'image'; x: number; y: number; width: number; height: number; picture: Picture }
  | { type: 'link'; x: number; y: number; width: number; height: number; target: LinkTarget }
  | { type: 'anchor'; x: number; y: number; name: string }
  | { type: 'outline'; x: number; y: number; title: string; level: number };

/** A slice of the document that stays whole: a line, or a row of a table. */
export type Fragment = {
  height: number;
  ops: Op[];
  /** Space above and below; none at the edges of a page that began by itself. */
  before: number;
  after: number;
  /** Stays on the page of what follows. */
  keepNext: boolean;
  /** Begins a page. */
  breakBefore?: boolean;
  /** Notes that are referred to, by id. */
  notes: readonly string[];
  /** Rows that are shown again where it begins a page. */
  repeated?: readonly Fragment[];
  /** Cuts it so that the first part is no higher than `room`. */
  split?: (room: number) => [Fragment, Fragment] | undefined;
  /** The section ends with it. */
  endsSection?: boolean;
};

export function createFragment(height: number, ops: Op[] = []): Fragment {
  return { height, ops, before: 0, after: 0, keepNext: false, notes: [] };
}

/** Height of fragments that follow each other, the space between them included. */
export function stackHeight(fragments: readonly Fragment[]): number {
  let height = 0;
  fragments.forEach((fragment, index) => {
    height += fragment.height;
    if (index > 0) height += (fragments[index - 1]?.after ?? 0) + fragment.before;
  });
  return height;
}

/** The same things to draw, elsewhere. */
export function moveOps(ops: readonly Op[], x: number, y: number): Op[] {
  return ops.map((op) =>
    op.type === 'line'
      ? { ...op, x1: op.x1 + x, x2: op.x2 + x, y1: op.y1 + y, y2: op.y2 + y }
      : { ...op, x: op.x + x, y: op.y + y },
  );
}
