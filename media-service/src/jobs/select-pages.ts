import { AppError } from '@nebula/contract/errors';
import { resolvePages } from '@nebula/contract/page-ranges';

/**
 * The pages of a document that `text` names, ascending.
 *
 * @throws AppError `page_out_of_range` for a page past the end, and where no page is left
 */
export function selectPages(text: string, count: number): number[] {
  const { outOfRange, pages } = resolvePages(text, count);
  if (outOfRange === undefined && pages.length > 0) return pages;
  const message =
    outOfRange === undefined
      ? `Expected at least one of ${count} pages; ${text} leaves none.`
      : `Expected pages up to ${count}, received ${outOfRange}.`;
  throw new AppError('page_out_of_range', message, {
    param: 'pages',
    extra: { page_count: count },
  });
}
