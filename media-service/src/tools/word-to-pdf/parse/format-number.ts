const roman: readonly [number, string][] = [
  [1000, 'm'],
  [900, 'cm'],
  [500, 'd'],
  [400, 'cd'],
  [100, 'c'],
  [90, 'xc'],
  [50, 'l'],
  [40, 'xl'],
  [10, 'x'],
  [9, 'ix'],
  [5, 'v'],
  [4, 'iv'],
  [1, 'i'],
];

/** A number the way `w:numFmt` wants it; formats that are not known are decimal. */
export function formatNumber(value: number, format: string): string {
  const number = Math.max(0, Math.min(1_000_000, Math.trunc(value)));
  switch (format) {
    case 'decimalZero':
      return String(number).padStart(2, '0');
    case 'lowerRoman':
      return toRoman(number);
    case 'upperRoman':
      return toRoman(number).toUpperCase();
    case 'lowerLetter':
      return toLetters(number);
    case 'upperLetter':
      return toLetters(number).toUpperCase();
    case 'ordinal':
      return `${number}${ordinalSuffix(number)}`;
    case 'numberInDash':
      return `- ${number} -`;
    case 'decimalEnclosedCircle':
      return number >= 1 && number <= 20 ? String.fromCodePoint(0x245f + number) : String(number);
    case 'chineseCounting':
    case 'ideographDigital':
    case 'japaneseCounting':
    case 'chineseCountingThousand':
      return toHan(number);
    case 'arabicAbjad':
    case 'hindiNumbers':
      return String(number).replace(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit)));
    case 'none':
      return '';
    default:
      return String(number);
  }
}

function toRoman(number: number): string {
  if (number === 0 || number > 32_767) return String(number);
  let rest = number;
  let text = '';
  for (const [value, letters] of roman) {
    text += letters.repeat(Math.floor(rest / value));
    rest %= value;
  }
  return text;
}

/** a to z, then aa to zz, as Word counts. */
function toLetters(number: number): string {
  if (number === 0 || number > 780) return String(number);
  const letter = String.fromCodePoint(97 + ((number - 1) % 26));
  return letter.repeat(Math.ceil(number / 26));
}

function ordinalSuffix(number: number): string {
  if (number % 100 >= 11 && number % 100 <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][number % 10] ?? 'th';
}

const hanDigits = [...'〇一二三四五六七八九'];

function toHan(number: number): string {
  if (number > 99) return [...String(number)].map((digit) => hanDigits[Number(digit)]).join('');
  const tens = Math.floor(number / 10);
  const ones = number % 10;
  if (tens === 0) return hanDigits[ones] ?? '';
  return `${tens > 1 ? hanDigits[tens] : ''}十${ones > 0 ? hanDigits[ones] : ''}`;
}
