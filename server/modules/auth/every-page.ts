type Page<T> = { rows: T[]; nextCursor?: string };

/** All rows of a list that is read in pages. */
export async function everyPage<T>(
  list: (page: { cursor?: string; limit: number }) => Promise<Page<T>>,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ cursor, limit: 100 });
    all.push(...page.rows);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return all;
}
