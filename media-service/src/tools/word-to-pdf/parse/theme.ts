import { lookup } from './lookup.ts';
import { mix } from './read-colors.ts';
import { child, readXml, type XmlNode } from './xml.ts';

/** Fonts and colours that styles name by their part in the theme. */
export type Theme = {
  font: (name: string | undefined) => string | undefined;
  color: (
    attributes: Record<string, string>,
    name: string,
    tint: string,
    shade: string,
  ) => string | undefined;
};

/** Names of `w:themeColor` that the theme calls otherwise. */
const aliases: Record<string, string> = {
  dark1: 'dk1',
  text1: 'dk1',
  light1: 'lt1',
  background1: 'lt1',
  dark2: 'dk2',
  text2: 'dk2',
  light2: 'lt2',
  background2: 'lt2',
  hyperlink: 'hlink',
  followedHyperlink: 'folHlink',
};

export function readTheme(text: string | undefined): Theme {
  const elements = text ? child(readXml(text), 'a:themeElements') : undefined;
  const colors = readColors(child(elements, 'a:clrScheme'));
  const fonts = child(elements, 'a:fontScheme');
  return {
    font: (name) => {
      if (!name) return undefined;
      const set = child(fonts, name.startsWith('major') ? 'a:majorFont' : 'a:minorFont');
      const kind = /EastAsia$/.test(name) ? 'a:ea' : /Bidi$/.test(name) ? 'a:cs' : 'a:latin';
      return child(set, kind)?.attributes.typeface || undefined;
    },
    color: (attributes, name, tint, shade) => {
      const wanted = attributes[name];
      const color = colors.get(lookup(aliases, wanted) ?? wanted ?? '');
      if (!color) return undefined;
      const share = (key: string) => Number.parseInt(attributes[key] ?? 'ff', 16) / 255;
      const lighter = mix(color, '#ffffff', share(tint) || 1);
      return mix(lighter, '#000000', share(shade) || 1);
    },
  };
}

function readColors(scheme: XmlNode | undefined): Map<string, string> {
  const colors = new Map<string, string>();
  for (const { children, name } of scheme?.children ?? []) {
    const attributes = children[0]?.attributes;
    const value = attributes?.lastClr ?? attributes?.val ?? '';
    if (/^[0-9a-fA-F]{6}$/.test(value)) colors.set(name.slice(2), `#${value.toLowerCase()}`);
  }
  return colors;
}
