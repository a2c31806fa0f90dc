/** How far the scale goes to either side of 0: the next half point beyond all values, and half a point at least. */
export function reachOf(values: readonly number[]): number {
  return Math.max(0.5, Math.ceil(Math.max(0, ...values.map(Math.abs)) * 2 + 0.1) / 2);
}

/** Values as dots in the order given, each as high as there are earlier ones about where it is. */
export function stacked(
  values: readonly number[],
  reach: number,
): readonly { readonly value: number; readonly height: number }[] {
  const step = reach / 14;
  const near = (a: number, b: number) => Math.round(a / step) === Math.round(b / step);
  return values.map((value, i) => ({
    value: Math.round(value / step) * step,
    height: values.slice(0, i).filter((earlier) => near(earlier, value)).length,
  }));
}

/** How many values lie in each of 80 equal bins from -reach to reach; bins without any are left out. */
export function binned(
  values: readonly number[],
  reach: number,
): readonly { readonly from: number; readonly to: number; readonly count: number }[] {
  const step = reach / 40;
  const counts = new Map<number, number>();
  for (const value of values) {
    const bin = Math.max(-40, Math.min(39, Math.floor(value / step)));
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  return [...counts].map(([bin, count]) => ({ from: bin * step, to: (bin + 1) * step, count }));
}
