/** The one clock; a test moves it, nothing else does. */
export const clock = {
  now: (): number => Date.now(),
};

/** A moment as ISO 8601 in UTC. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
