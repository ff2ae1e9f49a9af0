const indiaMs = 5.5 * 3_600_000;

/** A moment as the API writes it: in India, to the second. */
export function indiaTime(at: number): string {
  return `${new Date(at + indiaMs).toISOString().slice(0, 19)}+05:30`;
}

/** Paise that `encode` writes as rupees with two decimals, so that 170 leaves as 170.00. */
export class Rupees {
  readonly paise: number;

  constructor(paise: number) {
    this.paise = paise;
  }

  toJSON(): string {
    return `${mark}${(this.paise / 100).toFixed(2)}${mark}`;
  }
}

const mark = '\u0001';
const marked = /"\\u0001(-?\d+\.\d\d)\\u0001"/g;

/** JSON whose amounts are numbers with two decimals, which JSON.stringify alone cannot write. */
export function encode(value: unknown): string {
  return JSON.stringify(value).replace(marked, '$1');
}
