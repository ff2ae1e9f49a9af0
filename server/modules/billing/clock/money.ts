/** An amount in integer paise. Every plan price and sum here fits a safe integer many times over. */
export type Paise = number;

/**
 * A part of an amount, rounded half up to the paisa, computed without floating point.
 *
 * @param part of `whole`, in the same unit (seconds of a cycle, per cent of a rate)
 */
export function shareOf(amount: Paise, part: number, whole: number): Paise {
  const product = 2n * BigInt(amount) * BigInt(part) + BigInt(whole);
  return Number(product / (2n * BigInt(whole)));
}
