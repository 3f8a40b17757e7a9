// Soft labels: a weighted sum of label rows, as mixup, CutMix and RICAP train on (Zhang et al. 2018, arXiv:1710.09412).

/** row `target` of `into` = weight · row `target` of `from` + (1 − weight) · row `partner` of `from`; rows of n classes. */
export function blendRows(
  from: Float32Array,
  into: Float32Array,
  classes: number,
  rows: { readonly target: number; readonly partner: number },
  weight: number,
): void {
  const own = rows.target * classes;
  const other = rows.partner * classes;
  for (let c = 0; c < classes; c += 1) into[own + c] = weight * from[own + c] + (1 - weight) * from[other + c];
}

/** Moves `share` of the label row at `first` of `rows` to the class of a partner, in place. */
export function shareRow(
  rows: Float32Array,
  first: number,
  classes: number,
  partnerClass: number,
  share: number,
): void {
  for (let c = first; c < first + classes; c += 1) rows[c] *= 1 - share;
  rows[first + partnerClass] += share;
}
