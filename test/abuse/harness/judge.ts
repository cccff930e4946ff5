import type { Phase, Result } from "./run.js";

/** One bound: what was measured, what is allowed, and whether it holds. */
export type Verdict = { what: string; measured: string; allowed: string; holds: boolean };

const SLOWER = 2;
const DEARER = 5;
const GROWTH = 10 * 2 ** 20;
// A median below this is noise of the machine.
const LEAST_MS = 10;

/** Holds a run against what is promised to honest users and to whoever pays; a short one says nothing of delays. */
export function judge({ calm, hostile, tally, crash }: Result, isLong: boolean): Verdict[] {
  const [before, after] = [median(calm), median(hostile)];
  const growth = hostile.bytes - (Math.max(0, calm.bytes) / calm.seconds) * hostile.seconds;
  const [cheap, dear] = [calm.commands / calm.seconds, hostile.commands / hostile.seconds];
  const failed = Object.entries(tally).flatMap(([name, counts]) =>
    Object.entries(counts).flatMap(([status, n]) => (Number(status) >= 500 ? [`${n} × ${status} to "${name}"`] : [])),
  );
  const refused = [...calm.seen.refused, ...hostile.seen.refused];
  const wrong = [...calm.seen.wrong, ...hostile.seen.wrong];
  return [
    verdict(
      "median delay of delivery, ms",
      after,
      isLong ? SLOWER * Math.max(before, LEAST_MS) : Number.POSITIVE_INFINITY,
    ),
    verdict("commands of the store a second", dear, DEARER * cheap),
    verdict("growth of the store's memory beyond the honest, MiB", growth / 2 ** 20, GROWTH / 2 ** 20),
    none("requests of honest users refused", refused),
    none("what reached an honest user from strangers, or was lost", wrong),
    none("hostile requests that made the server fail", failed),
    none("a server that ended", crash === undefined ? [] : [crash]),
  ];
}

function median({ seen: { delays } }: Phase): number {
  const sorted = [...delays].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY;
}

function verdict(what: string, measured: number, allowed: number): Verdict {
  return {
    what,
    measured: measured.toFixed(1),
    allowed: Number.isFinite(allowed) ? `≤ ${allowed.toFixed(1)}` : "–",
    holds: measured <= allowed,
  };
}

function none(what: string, found: readonly string[]): Verdict {
  const [first] = found;
  const measured = first === undefined ? "0" : `${found.length}, first: ${first}`;
  return { what, measured, allowed: "0", holds: first === undefined };
}
