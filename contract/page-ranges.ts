/**
 * Resolves the page grammar against a document, ascending and without doubles.
 *
 * @returns the page numbers, and the first explicit page past the end, if any
 */
export function resolvePages(
  text: string,
  pageCount: number,
): { pages: number[]; outOfRange?: number } {
  const terms = text.split(',').map((term) => term.trim());
  const wanted = new Set<number>();
  const onlyExcludes = terms.every((term) => term.startsWith('!'));
  if (onlyExcludes) for (let page = 1; page <= pageCount; page++) wanted.add(page);
  let outOfRange: number | undefined;
  // An exclusion counts wherever it stands in the list, so exclusions come last.
  const isExclusion = (term: string) => Number(term.startsWith('!'));
  const ordered = terms.toSorted((a, b) => isExclusion(a) - isExclusion(b));
  for (const term of ordered) {
    const excluded = term.startsWith('!');
    const [from, to, step] = pageSpan(excluded ? term.slice(1) : term, pageCount);
    const explicit = /\d/.test(term) ? Math.max(from, to) : 0;
    if (explicit > pageCount) outOfRange ??= from > pageCount ? from : to;
    for (let page = from; page <= Math.min(to, pageCount); page += step) {
      if (excluded) wanted.delete(page);
      else wanted.add(page);
    }
  }
  return { pages: [...wanted].sort((a, b) => a - b), outOfRange };
}

function pageSpan(term: string, pageCount: number): [from: number, to: number, step: number] {
  if (term === 'all') return [1, pageCount, 1];
  if (term === 'odd') return [1, pageCount, 2];
  if (term === 'even') return [2, pageCount, 2];
  if (term === 'last') return [pageCount, pageCount, 1];
  const [first, second] = term.split('-').map((part) => part.trim());
  const from = Number(first);
  if (second === undefined) return [from, from, 1];
  if (second === '' || second === 'last') return [from, Math.max(from, pageCount), 1];
  return [Math.min(from, Number(second)), Math.max(from, Number(second)), 1];
}
