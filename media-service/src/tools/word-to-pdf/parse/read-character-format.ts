import type { Feature } from './fidelity.ts';
import type { CharacterFormat, Underline } from './formats.ts';
import { lookup } from './lookup.ts';
import { colorOf, shadingOf } from './read-colors.ts';
import type { Theme } from './theme.ts';
import { child, numberOf, propertyOf, switchOf, twips, type XmlNode } from './xml.ts';

const highlights: Record<string, string> = {
  black: '#000000',
  blue: '#0000ff',
  cyan: '#00ffff',
  darkBlue: '#000080',
  darkCyan: '#008080',
  darkGray: '#808080',
  darkGreen: '#008000',
  darkMagenta: '#800080',
  darkRed: '#800000',
  darkYellow: '#808000',
  green: '#00ff00',
  lightGray: '#c0c0c0',
  magenta: '#ff00ff',
  red: '#ff0000',
  white: '#ffffff',
  yellow: '#ffff00',
};

const underlines: Record<string, Underline> = {
  none: 'none',
  double: 'double',
  thick: 'thick',
  dotted: 'dotted',
  dottedHeavy: 'dotted',
  dash: 'dashed',
  dashedHeavy: 'dashed',
  dashLong: 'dashed',
  dotDash: 'dashed',
  dotDotDash: 'dashed',
  wave: 'wavy',
  wavyHeavy: 'wavy',
  wavyDouble: 'wavy',
};

/** What a `w:rPr` says; everything else is left undefined. */
export function readCharacterFormat(
  node: XmlNode | undefined,
  theme: Theme,
): Partial<CharacterFormat> {
  if (!node || node.children.length === 0) return {};
  const fonts = child(node, 'w:rFonts')?.attributes;
  const halfPoints = numberOf(propertyOf(node, 'w:sz'));
  const complexHalfPoints = numberOf(propertyOf(node, 'w:szCs'));
  const lost = lostOf(node);
  const isStruck = switchOf(node, 'w:strike');
  const isTwiceStruck = switchOf(node, 'w:dstrike');
  const rise = numberOf(propertyOf(node, 'w:position'));
  return {
    font:
      theme.font(fonts?.['w:asciiTheme']) ??
      fonts?.['w:ascii'] ??
      theme.font(fonts?.['w:hAnsiTheme']) ??
      fonts?.['w:hAnsi'],
    eastAsiaFont: theme.font(fonts?.['w:eastAsiaTheme']) ?? fonts?.['w:eastAsia'],
    complexFont: theme.font(fonts?.['w:cstheme']) ?? fonts?.['w:cs'],
    size: sizeOf(halfPoints),
    complexSize: sizeOf(complexHalfPoints),
    isBold: switchOf(node, 'w:b'),
    isItalic: switchOf(node, 'w:i'),
    underline: underlineOf(node),
    isStruck: isStruck === undefined ? isTwiceStruck : isStruck || isTwiceStruck,
    color: colorOf(child(node, 'w:color'), theme),
    background: backgroundOf(node, theme),
    position: positionOf(propertyOf(node, 'w:vertAlign')),
    rise: rise === undefined ? undefined : Math.max(-200, Math.min(200, rise / 2)),
    spacing: twips(child(node, 'w:spacing')?.attributes['w:val']),
    isAllCaps: switchOf(node, 'w:caps'),
    isSmallCaps: switchOf(node, 'w:smallCaps'),
    isHidden: switchOf(node, 'w:vanish'),
    isRightToLeft: switchOf(node, 'w:rtl'),
    lost: lost.length > 0 ? lost : undefined,
  };
}

/** Word accepts up to 1,638 points. */
function sizeOf(halfPoints: number | undefined): number | undefined {
  return halfPoints === undefined ? undefined : Math.max(1, Math.min(1638, halfPoints / 2));
}

function underlineOf(node: XmlNode): Underline | undefined {
  const found = child(node, 'w:u');
  if (!found) return undefined;
  return lookup(underlines, found.attributes['w:val']) ?? 'single';
}

function backgroundOf(node: XmlNode, theme: Theme): string | undefined {
  const highlight = propertyOf(node, 'w:highlight');
  return lookup(highlights, highlight) ?? shadingOf(node, theme);
}

function positionOf(value: string | undefined): 'super' | 'sub' | undefined {
  if (value === 'superscript') return 'super';
  return value === 'subscript' ? 'sub' : undefined;
}

const effects = ['w:shadow', 'w:outline', 'w:emboss', 'w:imprint'];

function lostOf(node: XmlNode): Feature[] {
  const lost: Feature[] = [];
  const has = (name: string) => ![undefined, 'none'].includes(propertyOf(node, name));
  if (effects.some((name) => switchOf(node, name)) || has('w:effect')) lost.push('text_effect');
  if (has('w:em')) lost.push('emphasis_mark');
  if (![undefined, 'none', 'nil'].includes(propertyOf(node, 'w:bdr'))) lost.push('text_border');
  const scale = numberOf(propertyOf(node, 'w:w'));
  if (scale !== undefined && scale !== 100) lost.push('character_scale');
  return lost;
}
