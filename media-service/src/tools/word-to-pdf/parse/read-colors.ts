import type { Border } from './formats.ts';
import { lookup } from './lookup.ts';
import type { Theme } from './theme.ts';
import { child, numberOf, type XmlNode } from './xml.ts';

/** The colour of a `w:color`; `auto` is black. */
export function colorOf(node: XmlNode | undefined, theme: Theme): string | undefined {
  if (!node) return undefined;
  const themed = theme.color(node.attributes, 'w:themeColor', 'w:themeTint', 'w:themeShade');
  if (themed) return themed;
  const value = node.attributes['w:val'];
  if (value === 'auto') return '#000000';
  return hex(value);
}

/** The background of a `w:shd`; a pattern is mixed from its two colours. */
export function shadingOf(parent: XmlNode | undefined, theme: Theme): string | undefined {
  const attributes = child(parent, 'w:shd')?.attributes;
  if (!attributes) return undefined;
  const fill =
    theme.color(attributes, 'w:themeFill', 'w:themeFillTint', 'w:themeFillShade') ??
    hex(attributes['w:fill']);
  const pattern = attributes['w:val'] ?? 'clear';
  const share = pattern === 'solid' ? 1 : Number(/^pct(\d+)$/.exec(pattern)?.[1] ?? 0) / 100;
  if (share === 0) return fill;
  return mix(hex(attributes['w:color']) ?? '#000000', fill ?? '#ffffff', share);
}

const borderStyles: Record<string, Border['style']> = {
  double: 'double',
  triple: 'double',
  dotted: 'dotted',
  dashed: 'dashed',
  dashSmallGap: 'dashed',
  dotDash: 'dashed',
  dotDotDash: 'dashed',
};

/** A border; `null` where the document says that there is none. */
export function borderOf(node: XmlNode | undefined, theme: Theme): Border | null | undefined {
  if (!node) return undefined;
  const style = node.attributes['w:val'] ?? 'single';
  if (style === 'nil' || style === 'none') return null;
  const eighths = numberOf(node.attributes['w:sz']) ?? 4;
  const color =
    theme.color(node.attributes, 'w:themeColor', 'w:themeTint', 'w:themeShade') ??
    hex(node.attributes['w:color']) ??
    '#000000';
  return {
    width: Math.max(0.25, Math.min(12, eighths / 8)),
    color,
    style: lookup(borderStyles, style) ?? 'single',
  };
}

export function hex(value: string | undefined): string | undefined {
  return value !== undefined && /^#?[0-9a-fA-F]{6}$/.test(value)
    ? `#${value.replace('#', '').toLowerCase()}`
    : undefined;
}

/** `share` of the first colour, the rest of the second. */
export function mix(first: string, second: string, share: number): string {
  const channel = (at: number) => {
    const [a, b] = [first, second].map((each) => Number.parseInt(each.slice(at, at + 2), 16));
    return Math.round((a ?? 0) * share + (b ?? 0) * (1 - share))
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}
