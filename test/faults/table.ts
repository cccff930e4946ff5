import type { Result } from "./run.js";

/** Writes the outcome of a run: operations and faults by kind, and how many promises were broken. */
export function table({ seed, ms, accepted, operations, faults, violations }: Result): string {
  const rows = [...lines("operation", operations), ...lines("fault", faults)];
  const total = [...faults.values()].reduce((sum, n) => sum + n, 0);
  const rate = (accepted * 1_000) / ms;
  const summary = {
    seed,
    seconds: Math.round(ms / 1_000),
    accepted,
    faults: total,
    kinds: faults.size,
    violations: violations.length,
  };
  return [
    ...rows,
    `seed ${seed}: ${accepted} messages accepted, ${rate.toFixed(1)} a second; ${total} faults of ${faults.size} kinds; ${violations.length} violations`,
    JSON.stringify(summary),
  ].join("\n");
}

function lines(name: string, counts: ReadonlyMap<string, number>): string[] {
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, n]) => `${name.padEnd(10)} ${what.padEnd(32)} ${`${n}`.padStart(8)}`);
}
