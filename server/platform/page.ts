/** One page of a list as every list sends it. */
export const toPage = <T>(data: T[], nextCursor: string | undefined) => ({
  data,
  has_more: nextCursor !== undefined,
  next_cursor: nextCursor ?? null,
});
