/** Right-to-left characters and the marks that turn the direction. */
export const rightToLeft = /[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefc]/;

/** Scripts whose letters change with their neighbours, and marks that stand on others. */
const shaped =
  /[\p{M}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Thai}\p{Script=Lao}\p{Script=Tibetan}\p{Script=Myanmar}\p{Script=Khmer}]|\u200c|\u200d/u;

/** Most text of most documents; looked at first because it is cheap. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant.
const ascii = /^[\x00-\x7f]*$/;

/** Whether a text needs a shaper; for all others a character is a glyph. */
export function isShaped(text: string): boolean {
  return !ascii.test(text) && shaped.test(text);
}

export function isEastAsian(code: number): boolean {
  return (
    (code >= 0x2e80 && code <= 0x9fff) ||
    (code >= 0xac00 && code <= 0xd7ff) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe4f) ||
    (code >= 0xff00 && code <= 0xffef) ||
    (code >= 0x1100 && code <= 0x11ff) ||
    (code >= 0x20000 && code <= 0x3ffff)
  );
}

const ranges: readonly [number, number, string][] = [
  [0x0590, 0x05ff, 'hebrew'],
  [0x0600, 0x06ff, 'arabic'],
  [0x0750, 0x077f, 'arabic'],
  [0x08a0, 0x08ff, 'arabic'],
  [0x0900, 0x097f, 'devanagari'],
  [0x0980, 0x09ff, 'bengali'],
  [0x0b80, 0x0bff, 'tamil'],
  [0x0e00, 0x0e7f, 'thai'],
  [0x10a0, 0x10ff, 'georgian'],
  [0xfb1d, 0xfb4f, 'hebrew'],
  [0xfb50, 0xfdff, 'arabic'],
  [0xfe70, 0xfeff, 'arabic'],
];

export function scriptOf(code: number): string {
  if (code < 0x590) return 'latin';
  return ranges.find(([from, to]) => code >= from && code <= to)?.[2] ?? 'other';
}

/** Characters that take no room and need no glyph. */
export function isInvisible(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    code === 0xad ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x2069) ||
    (code >= 0xfe00 && code <= 0xfe0f) ||
    code === 0xfeff ||
    (code >= 0xe0000 && code <= 0xe01ef)
  );
}

/** Made when it is needed, because a startup snapshot cannot hold one. */
let graphemes: Intl.Segmenter | undefined;

/** A text as its reader counts characters: with their marks, and whole emoji. */
export function splitGraphemes(text: string): string[] {
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

const anyEmoji = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u;
const drawnAsPicture = /^(?:\p{Emoji_Presentation}|\p{Regional_Indicator}{2}|\p{Emoji}\ufe0f)/u;

/** Whether a text may have emoji in it. */
export function mayHaveEmoji(text: string): boolean {
  return !ascii.test(text) && anyEmoji.test(text);
}

/** Whether a grapheme is an emoji that is not asked to look like a letter. */
export function isEmoji(grapheme: string): boolean {
  return drawnAsPicture.test(grapheme) && !grapheme.includes('\ufe0e');
}

const noLineStart = new Set(
  '、。，．・：；？！゛゜ヽヾゝゞ々ー’”）〕］｝〉》」』】°′″℃％‰ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.:;?!)]}»›',
);
const noLineEnd = new Set('‘“（〔［｛〈《「『【￥＄([{«‹');

/** Whether a line may end between two characters of East Asian text. */
export function breaksBetween(before: string, after: string): boolean {
  const isBefore = isEastAsian(before.codePointAt(0) ?? 0);
  const isAfter = isEastAsian(after.codePointAt(0) ?? 0);
  if (!isBefore && !isAfter) return false;
  return !noLineEnd.has(before) && !noLineStart.has(after) && after !== ' ';
}
