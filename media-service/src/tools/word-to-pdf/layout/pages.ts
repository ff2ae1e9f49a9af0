import type { SectionParts } from '../parse/model.ts';
import type { Fragment } from './fragments.ts';

export type PlacedFragment = { x: number; y: number; fragment: Fragment };

/** A page with its body; headers and footers come when the number of pages is known. */
export type Page = {
  parts: SectionParts;
  /** The number that the page shows. */
  number: number;
  isFirstOfSection: boolean;
  items: PlacedFragment[];
  notes: Fragment[];
  /** Room for the body. */
  top: number;
  bottom: number;
  left: number;
  width: number;
};

/** A section with its content, and the room that its bands take. */
export type Flow = {
  parts: SectionParts;
  fragments: Fragment[];
  top: number;
  bottom: number;
  width: number;
};

/** Documents beyond this are refused; nobody prints them. */
export const maxPages = 5_000;

export const noteRule = { height: 10, width: 144 } as const;

/**
 * Fills pages.
 *
 * @param noteOf the lines of a footnote
 * @throws RangeError beyond {@link maxPages}
 */
export function fillPages(
  flows: readonly Flow[],
  noteOf: (id: string, width: number) => Fragment[],
): Page[] {
  const pages: Page[] = [];
  const filler = createFiller(pages, noteOf);
  flows.forEach((flow, index) => {
    filler.startSection(flow, index === 0);
    filler.place(flow.fragments);
  });
  filler.finish();
  return pages;
}

function createFiller(pages: Page[], noteOf: (id: string, width: number) => Fragment[]) {
  let flow: Flow | undefined;
  let page: Page | undefined;
  let y = 0;
  let lastAfter = 0;
  let carriedNotes: Fragment[] = [];
  let nextNumber = 1;
  let isSectionStart = true;

  const newPage = (): Page => {
    if (!flow) throw new Error('a page needs a section');
    if (pages.length >= maxPages) throw new RangeError('too many pages');
    const { parts, top, width } = flow;
    const { section } = parts;
    page = {
      parts,
      number: nextNumber,
      isFirstOfSection: isSectionStart,
      items: [],
      notes: [],
      top,
      bottom: section.height - flow.bottom,
      left: section.margin.left,
      width,
    };
    nextNumber += 1;
    isSectionStart = false;
    pages.push(page);
    y = top;
    lastAfter = 0;
    takeCarriedNotes(page);
    return page;
  };

  const takeCarriedNotes = (target: Page) => {
    const waiting = carriedNotes;
    carriedNotes = [];
    addNotes(target, waiting);
  };

  const notesHeight = (target: Page, more: readonly Fragment[] = []) => {
    const all = [...target.notes, ...more];
    return all.length === 0
      ? 0
      : noteRule.height + all.reduce((sum, { height }) => sum + height, 0);
  };

  /** Notes that do not fit under the text go on under the next page. */
  const addNotes = (target: Page, notes: readonly Fragment[]) => {
    for (const [index, note] of notes.entries()) {
      const fits = y + notesHeight(target, [note]) <= target.bottom + 0.01;
      const isAlone = target.items.length === 0 && target.notes.length === 0;
      if (!fits && !isAlone) {
        carriedNotes.push(...notes.slice(index));
        return;
      }
      target.notes.push(note);
    }
  };

  const roomLeft = (target: Page) => target.bottom - notesHeight(target) - y;

  const heightOf = (group: readonly Fragment[], target: Page) => {
    let height = 0;
    const notes: Fragment[] = [];
    group.forEach((fragment, index) => {
      const isTop = index === 0 && target.items.length === 0;
      const above = index === 0 ? lastAfter : (group[index - 1]?.after ?? 0);
      height += (isTop ? 0 : above + fragment.before) + fragment.height;
      notes.push(...fragment.notes.flatMap((id) => noteOf(id, target.width)));
    });
    // A long note may begin here and go on elsewhere: its first line is enough.
    const needed = notes.slice(0, 2);
    return height + notesHeight(target, needed) - notesHeight(target);
  };

  const put = (target: Page, fragment: Fragment, isAfterBreak: boolean) => {
    const isTop = target.items.length === 0;
    const before = isTop && !isAfterBreak ? 0 : fragment.before;
    y += (isTop ? 0 : lastAfter) + before;
    target.items.push({ x: target.left, y, fragment });
    y += fragment.height;
    lastAfter = fragment.after;
    addNotes(
      target,
      fragment.notes.flatMap((id) => noteOf(id, target.width)),
    );
  };

  const repeatHeader = (target: Page, fragment: Fragment | undefined) => {
    for (const header of fragment?.repeated ?? []) {
      const isLow = header.height > (target.bottom - target.top) / 2;
      if (!isLow) put(target, { ...header, keepNext: false, notes: [] }, false);
    }
  };

  const placeOne = (fragment: Fragment) => {
    let rest = fragment;
    let target = page ?? newPage();
    for (;;) {
      if (heightOf([rest], target) <= roomLeft(target) + 0.01) {
        put(target, rest, false);
        return;
      }
      const gap = target.items.length === 0 ? 0 : lastAfter + rest.before;
      const halves = rest.split?.(roomLeft(target) - gap);
      const isFresh =
        target.items.length === 0 ||
        target.items.every(({ fragment: each }) =>
          rest.repeated?.some((header) => header.ops === each.ops),
        );
      if (halves) {
        put(target, halves[0], false);
        rest = {
          ...halves[1],
          repeated: rest.repeated,
          before: 0,
          split: halves[1].split,
          after: rest.after,
        };
      } else if (isFresh) {
        // Higher than a page, and cannot be cut: it reaches over the edge.
        put(target, rest, false);
        return;
      }
      target = newPage();
      repeatHeader(target, rest);
    }
  };

  const place = (fragments: readonly Fragment[]) => {
    let at = 0;
    while (at < fragments.length) {
      const first = fragments[at];
      if (!first) break;
      let end = at + 1;
      while (fragments[end - 1]?.keepNext && end < fragments.length && !fragments[end]?.breakBefore)
        end += 1;
      const group = fragments.slice(at, end);
      at = end;
      let target = page ?? newPage();
      if (first.breakBefore && target.items.length > 0) target = newPage();
      if (heightOf(group, target) > roomLeft(target) + 0.01 && group.length > 1) {
        const whole = target.bottom - target.top;
        const isGroupSmall =
          group.reduce((sum, { after, before, height }) => sum + after + before + height, 0) <
          whole;
        if (isGroupSmall && target.items.length > 0) {
          target = newPage();
          repeatHeader(target, first);
        }
      }
      for (const fragment of group) placeOne(fragment);
    }
  };

  const startSection = (next: Flow, isFirst: boolean) => {
    const previous = flow;
    flow = next;
    isSectionStart = true;
    const { section } = next.parts;
    const isSamePaper =
      previous?.parts.section.width === section.width &&
      previous.parts.section.height === section.height;
    if (isFirst) {
      nextNumber = section.firstNumber ?? 1;
      newPage();
      return;
    }
    if (section.start === 'continuous' && isSamePaper && page) {
      page.left = section.margin.left;
      page.width = next.width;
      return;
    }
    const isOdd = nextNumber % 2 === 1;
    const needsBlank =
      (section.start === 'evenPage' && isOdd) || (section.start === 'oddPage' && !isOdd);
    if (needsBlank) newPage();
    if (section.firstNumber !== undefined) nextNumber = section.firstNumber;
    isSectionStart = true;
    newPage();
  };

  return {
    place,
    startSection,
    finish: () => {
      if (!page && flow) newPage();
      while (carriedNotes.length > 0) newPage();
      centerSections(pages);
    },
  };
}

/** Pages of sections that stand in the middle or at the foot of the page. */
function centerSections(pages: readonly Page[]): void {
  for (const page of pages) {
    const { verticalAlign } = page.parts.section;
    if (verticalAlign !== 'center' && verticalAlign !== 'bottom') continue;
    const end = Math.max(page.top, ...page.items.map(({ fragment, y }) => y + fragment.height));
    const free = Math.max(0, page.bottom - end);
    const shift = verticalAlign === 'center' ? free / 2 : free;
    for (const item of page.items) item.y += shift;
  }
}
