type Page<T> = { rows: T[]; nextCursor?: string };

/** All rows of a list that is read in pages; no more than a page of them is held at a time. */
export async function* everyRow<T>(
  list: (page: { cursor?: string; limit: number }) => Promise<Page<T>>,
): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const page = await list({ cursor, limit: 100 });
    yield* page.rows;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}
