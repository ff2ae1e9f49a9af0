import { formatNumber } from '../parse/format-number.ts';
import type { Block, SectionParts, WordDocument } from '../parse/model.ts';
import type { BandKind } from '../parse/sections.ts';
import { stackHeight } from './fragments.ts';
import { layoutBlocks } from './layout-blocks.ts';
import type { LayoutContext } from './layout-context.ts';
import type { Page, PlacedFragment } from './pages.ts';

/** Headers and footers of one section. */
export function createBands(
  document: Pick<WordDocument, 'evenAndOdd'>,
  parts: SectionParts,
  context: LayoutContext,
) {
  const { section } = parts;
  const width = Math.max(24, section.width - section.margin.left - section.margin.right);
  const highest = (bands: SectionParts['headers']) =>
    Math.max(
      0,
      ...usedKinds(document, parts).map((kind) => heightOf(bands[kind] ?? [], width, context)),
    );
  return {
    /** Where the header ends, from the top of the page. */
    headerEnd: () => endOf(section.headerDistance, highest(parts.headers)),
    /** Where the footer begins, from the bottom of the page. */
    footerStart: () => endOf(section.footerDistance, highest(parts.footers)),
  };
}

function endOf(distance: number, height: number): number {
  return height === 0 ? 0 : distance + height;
}

function usedKinds(document: Pick<WordDocument, 'evenAndOdd'>, parts: SectionParts): BandKind[] {
  const kinds: BandKind[] = ['default'];
  if (parts.section.hasTitlePage) kinds.push('first');
  if (document.evenAndOdd) kinds.push('even');
  return kinds;
}

function heightOf(blocks: readonly Block[], width: number, context: LayoutContext): number {
  const fragments = layoutBlocks(blocks, width, context);
  return stackHeight(fragments) + (fragments[0]?.before ?? 0) + (fragments.at(-1)?.after ?? 0);
}

/** The header and the footer of one page, with its numbers. */
export function layoutPageBands(
  page: Page,
  {
    context,
    document,
    pageCount,
    sectionPages,
  }: {
    context: LayoutContext;
    document: Pick<WordDocument, 'evenAndOdd'>;
    pageCount: number;
    sectionPages: number;
  },
): PlacedFragment[] {
  const { section } = page.parts;
  const kind = kindOf(page, document);
  const width = Math.max(24, section.width - section.margin.left - section.margin.right);
  const pageContext: LayoutContext = {
    ...context,
    hasBookmarks: false,
    fieldValue: (field) => {
      if (field === 'PAGE') return formatNumber(page.number, section.numberFormat);
      return String(field === 'NUMPAGES' ? pageCount : sectionPages);
    },
  };
  const header = layoutBlocks(page.parts.headers[kind] ?? [], width, pageContext);
  const footer = layoutBlocks(page.parts.footers[kind] ?? [], width, pageContext);
  const footerHeight = stackHeight(footer) + (footer[0]?.before ?? 0) + (footer.at(-1)?.after ?? 0);
  return [
    ...stack(header, section.margin.left, section.headerDistance),
    ...stack(footer, section.margin.left, section.height - section.footerDistance - footerHeight),
  ];
}

function kindOf(page: Page, { evenAndOdd }: Pick<WordDocument, 'evenAndOdd'>): BandKind {
  if (page.isFirstOfSection && page.parts.section.hasTitlePage) return 'first';
  return evenAndOdd && page.number % 2 === 0 ? 'even' : 'default';
}

function stack(
  fragments: ReturnType<typeof layoutBlocks>,
  x: number,
  top: number,
): PlacedFragment[] {
  let y = top;
  return fragments.map((fragment, index) => {
    y += fragment.before + (fragments[index - 1]?.after ?? 0);
    const placed = { x, y, fragment };
    y += fragment.height;
    return placed;
  });
}
