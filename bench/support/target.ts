// What the chat must reach, as ratios of medians in one run, and what did.

/** The figures of one workload that are compared. */
export type Measure = "w1 p50" | "w2 rate" | "w2 cpu" | "w3 p50" | "w4 memory" | "w4 commands";

export type Target = { against: string; measure: Measure; ratio: number };

const UPSTASH = "upstash-realtime";
const SOCKET_IO = "sio-polling-streams";
const EJABBERD = "ejabberd-mam";
/** The floor of this folder, which needs nothing but this project; and the one of the load generator. */
export const FLOOR = "floor";
const LEAN_FLOOR = "floor-lp-raw";

/** Ratios of ours to theirs: at most so much, but for `w2 rate`, where at least. */
export const TARGETS: readonly Target[] = [
  { against: UPSTASH, measure: "w1 p50", ratio: 0.5 },
  { against: UPSTASH, measure: "w2 rate", ratio: 4 },
  { against: UPSTASH, measure: "w2 cpu", ratio: 0.25 },
  { against: UPSTASH, measure: "w3 p50", ratio: 0.4 },
  { against: UPSTASH, measure: "w4 memory", ratio: 0.1 },
  { against: UPSTASH, measure: "w4 commands", ratio: 0.05 },
  { against: SOCKET_IO, measure: "w1 p50", ratio: 1 },
  { against: SOCKET_IO, measure: "w2 rate", ratio: 1 },
  { against: SOCKET_IO, measure: "w3 p50", ratio: 0.8 },
  { against: SOCKET_IO, measure: "w4 memory", ratio: 0.5 },
  { against: EJABBERD, measure: "w3 p50", ratio: 1 },
  ...[FLOOR, LEAN_FLOOR].flatMap((against): Target[] => [
    { against, measure: "w1 p50", ratio: 1.1 },
    { against, measure: "w2 rate", ratio: 1.5 },
    { against, measure: "w3 p50", ratio: 1.2 },
  ]),
];

/** Whether more is better. */
export const GAINS: ReadonlySet<Measure> = new Set(["w2 rate"]);

export function holds({ measure, ratio }: Target, reached: number): boolean {
  return GAINS.has(measure) ? reached >= ratio : reached <= ratio;
}
