import type { Cell } from './model.ts';
import { child, twips, type XmlNode } from './xml.ts';

/** Points that Word leaves at the sides of a cell where nothing is said. */
const sidePadding = 5.4;

/** The margins inside of cells; a side that is not said is that of `base`. */
export function paddingOf(
  node: XmlNode | undefined,
  base: Cell['padding'] = { top: 0, right: sidePadding, bottom: 0, left: sidePadding },
): Cell['padding'] {
  const side = (...names: string[]) => {
    const found = names.map((name) => child(node, name)).find((each) => each !== undefined);
    const points = twips(found?.attributes['w:w']);
    return points === undefined ? undefined : Math.max(0, Math.min(288, points));
  };
  return {
    top: side('w:top') ?? base.top,
    right: side('w:right', 'w:end') ?? base.right,
    bottom: side('w:bottom') ?? base.bottom,
    left: side('w:left', 'w:start') ?? base.left,
  };
}
