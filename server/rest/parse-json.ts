const maxLevels = 100;

/**
 * The value of a JSON text that a caller has sent.
 *
 * @throws SyntaxError also for lists and objects that lie deeper in each other than any input asks
 *   for: what goes through a value later calls itself for each level
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (hasLevelsBeyond(maxLevels, value))
    throw new SyntaxError(`Expected at most ${maxLevels} levels of lists and objects`);
  return value;
}

function hasLevelsBeyond(levels: number, value: unknown): boolean {
  let level = [value].filter(isNested);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === levels) return true;
    level = level.flatMap((each) => Object.values(each).filter(isNested));
  }
  return false;
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;
