// Rounding as Python's round, NumPy's rint and torch.round do it: halves go to the even neighbour (IEEE 754).

/** The nearest whole number; exact halves go to the even one. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const over = value - below;
  if (over !== 0.5) return over < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
