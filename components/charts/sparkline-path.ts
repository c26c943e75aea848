const MARGIN = 2;

/**
 * One path for every run of known values, scaled to the box, which begins where the values do.
 *
 * The scale begins at zero unless all that varies is far above it: a steady line should look steady.
 */
export function sparklinePaths(
  points: readonly (number | null)[],
  width: number,
  height: number,
): string[] {
  const begin = points.findIndex((value) => value !== null);
  const values = begin === -1 ? [] : points.slice(begin);
  const known = values.filter((value) => value !== null);
  if (values.length < 2) return [];
  const highest = Math.max(...known);
  const lowest = Math.min(...known);
  const floor = lowest > (highest - lowest) * 2 ? lowest - (highest - lowest) : 0;
  const span = highest - floor || 1;
  const x = (index: number): number =>
    MARGIN + (index / (values.length - 1)) * (width - 2 * MARGIN);
  const y = (value: number): number =>
    highest === lowest && highest !== 0
      ? height / 2
      : height - MARGIN - ((value - floor) / span) * (height - 2 * MARGIN);

  const paths: string[] = [];
  let run: string[] = [];
  const finish = (): void => {
    if (run.length > 1) paths.push(run.join(""));
    run = [];
  };
  values.forEach((value, index) => {
    if (value === null) return finish();
    run.push(`${run.length === 0 ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`);
  });
  finish();
  return paths;
}
