/** A value of a table by a name from a document, which may be that of something every object has. */
export function lookup<T>(
  table: Readonly<Record<string, T>>,
  name: string | undefined,
): T | undefined {
  return name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}
