/** A line through values over time: where it ends up, and how sure its slope is. */
export type Trend = {
  mean: number;
  /** Growth for each unit of `at`. */
  slope: number;
  /** Half of the 95 % confidence interval of the slope. */
  margin: number;
};

/**
 * Fits a line by least squares to values along `at`. Neighbours are averaged into about `BLOCKS` blocks first:
 * what is sampled every few seconds repeats itself, and would make any slope look certain.
 */
export function trend(points: readonly { at: number; value: number }[]): Trend {
  const blocks = averaged(points);
  const [x, y] = [mean(blocks.map((it) => it.at)), mean(blocks.map((it) => it.value))];
  const sxx = sum(blocks.map((it) => (it.at - x) ** 2));
  const slope = sum(blocks.map((it) => (it.at - x) * (it.value - y))) / sxx;
  const left = sum(blocks.map((it) => (it.value - y - slope * (it.at - x)) ** 2));
  const freedom = blocks.length - 2;
  return { mean: y, slope, margin: student(freedom) * Math.sqrt(left / freedom / sxx) };
}

/** Tells whether something surely grows by more than is allowed for each unit. */
export function grows({ slope, margin }: Trend, allowed: number): boolean {
  return slope - margin > allowed;
}

const BLOCKS = 24;

function averaged(points: readonly { at: number; value: number }[]): { at: number; value: number }[] {
  if (points.length < 4) throw new Error("Cannot fit a line: too few samples");
  const size = Math.max(1, Math.floor(points.length / BLOCKS));
  const blocks = Array.from({ length: Math.floor(points.length / size) }, (_, i) =>
    points.slice(i * size, (i + 1) * size),
  );
  return blocks.map((block) => ({ at: mean(block.map((it) => it.at)), value: mean(block.map((it) => it.value)) }));
}

/** The 97.5 % quantile of Student's t, by Cornish and Fisher's expansion: within 1 % from four degrees of freedom on. */
function student(freedom: number): number {
  const z = 1.959964;
  const first = (z ** 3 + z) / (4 * freedom);
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
  return z + first + second + (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, it) => all + it, 0);
}
