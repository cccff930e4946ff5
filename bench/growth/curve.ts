import { quantile } from "../support/site.js";

/** What something costs as something else grows. */
export type Curve = { what: string; unit: string; points: { at: number; value: number }[] };

/** The exponent of growth: the slope of a line through the logarithms, by least squares. 0 is flat, 1 linear. */
export function exponent({ points }: Curve): number {
  const xs = points.map(({ at }) => Math.log(at));
  const ys = points.map(({ value }) => Math.log(Math.max(value, 1e-6)));
  const [x, y] = [mean(xs), mean(ys)];
  const products = xs.map((it, i) => (it - x) * ((ys[i] ?? y) - y));
  return sum(products) / sum(xs.map((it) => (it - x) ** 2));
}

const TIMES = 100;

/** How long something takes, in ms: the median of many times, after as many that nobody counts. */
export async function median(deed: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < TIMES * 2; i++) {
    const begun = performance.now();
    await deed();
    times.push(performance.now() - begun);
  }
  return quantile(times.slice(TIMES), 0.5);
}

/** Writes a curve as a row of a table. */
export function row(curve: Curve): string {
  const points = curve.points.map(({ at, value }) => `${at.toLocaleString("en")}: ${Number(value.toPrecision(3))}`);
  return `| ${curve.what}, ${curve.unit} | ${points.join(" · ")} | ${exponent(curve).toFixed(2)} |`;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
