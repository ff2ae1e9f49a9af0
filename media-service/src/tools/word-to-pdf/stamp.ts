import { type Converted, createWarnings, warnMissing } from './convert.ts';
import { type DrawnPage, drawPages } from './draw/draw-pages.ts';
import { createPdf, fontsOf, writePdf } from './draw/pdf-writer.ts';
import { createFonts } from './layout/fonts.ts';
import { moveOps, type Op } from './layout/fragments.ts';
import type { LayoutContext } from './layout/layout-context.ts';
import { layoutParagraph } from './layout/layout-paragraph.ts';
import { defaultCharacters, defaultParagraph } from './parse/formats.ts';

/** A text on an otherwise empty page; points from the left and the bottom. */
export type StampedText = {
  text: string;
  align: 'left' | 'center' | 'right';
  size: number;
  /** #rrggbb. */
  color: string;
  at: { x: number; y: number; width: number; height: number };
};

/** Pages with texts alone, to be laid over others. */
export type StampRequest = {
  output: string;
  stamp: { width: number; height: number; texts: StampedText[] }[];
};

export type Stamped = Pick<Converted, 'warnings'>;

/** Sets the texts with the fonts and the rules for scripts that documents are set with. */
export async function stampPages({ output, stamp }: StampRequest): Promise<Stamped> {
  const { warn, warnings } = createWarnings();
  const pdf = createPdf({});
  const fonts = createFonts(fontsOf(pdf), warn);
  const context: LayoutContext = {
    fonts,
    defaultTab: 36,
    pictureSize: () => ({ width: 0, height: 0 }),
    hasBookmarks: false,
  };
  const pages = stamp.map(({ height, texts, width }): DrawnPage => {
    const ops = texts.flatMap((text) => setText(text, height, context, warn));
    return { width, height, ops, fieldValue: () => '' };
  });
  const pictures = { load: () => Promise.reject(new Error('there are no pictures')) };
  await writePdf(pdf, output, () =>
    drawPages(pdf, pages, { pictures: pictures as never, stored: new Map() }),
  );
  warnMissing(fonts, warn);
  return { warnings };
}

/** Lines from the top of the place; those that are below it are left out, and told. */
function setText(
  { align, at, color, size, text }: StampedText,
  pageHeight: number,
  context: LayoutContext,
  warn: ReturnType<typeof createWarnings>['warn'],
): Op[] {
  const format = { ...defaultCharacters, font: 'Arial', size, color };
  const characters = { ...format, isRightToLeft: isRightToLeft(text) };
  const paragraph = {
    kind: 'paragraph' as const,
    inlines: text
      .split(/\r\n|\r|\n/)
      .flatMap((line, index) => [
        ...(index > 0
          ? [{ kind: 'break' as const, type: 'line' as const, format: characters }]
          : []),
        { kind: 'text' as const, text: line, format: characters },
      ]),
    format: { ...defaultParagraph, align, isRightToLeft: false },
    characters,
    styleId: '',
  };
  const alone = { joinsAbove: false, joinsBelow: false, dropsBefore: true, dropsAfter: true };
  const ops: Op[] = [];
  let used = 0;
  for (const line of layoutParagraph(paragraph, at.width, alone, context)) {
    if (used > 0 && used + line.height > at.height + 4) {
      warn('text_cut', `There was no room for all of "${text.slice(0, 40)}".`);
      break;
    }
    ops.push(...moveOps(line.ops, at.x, pageHeight - at.y - at.height + used));
    used += line.height;
  }
  return ops;
}

const isRightToLeft = (text: string) =>
  /^[^\p{L}]*[\p{Script=Hebrew}\p{Script=Arabic}]/u.test(text);
