/**
 * A path of this site to go on to, or the one given instead of it. Whatever a browser would take for
 * another host is refused: `//evil`, `/\evil`, `javascript:…`.
 */
export function ownPath(path: string | null | undefined, otherwise: string): string {
  if (!path || !/^\/(?![/\\])[^\s\\]*$/.test(path)) return otherwise;
  return path;
}
