// What the chat must reach, as ratios of medians in one run, and what did.

/** How clients follow: by polls, or by an event stream that is held open, which is what pages do. */
export type Way = "polls" | "live";

/** The figures of one workload that are compared. */
export const MEASURES = [
  "w1 p50",
  "w2 rate",
  "w2 cpu",
  "w2 p50",
  "w3 p50",
  "w3 cpu",
  "w4 memory",
  "w4 commands",
] as const;
export type Measure = (typeof MEASURES)[number];

export type Target = { way: Way; against: string; measure: Measure; ratio: number };

const UPSTASH = "upstash-realtime";
const SOCKET_IO = "sio-polling-streams";
const WEB_SOCKET = "sio-ws-streams";
const EJABBERD = "ejabberd-mam";
/** The floor of this folder, which needs nothing but this project; and the one of the load generator. */
export const FLOOR = "floor";
const LEAN_FLOOR = "floor-lp-raw";
export const LIVE_FLOOR = "floor, live";
const LEAN_LIVE_FLOOR = "floor-sse-raw";

/** Ratios of ours to theirs: at most so much, but for `w2 rate`, where at least. */
export const TARGETS: readonly Target[] = [
  ...targets("polls", UPSTASH, { "w1 p50": 0.5, "w2 rate": 4, "w2 cpu": 0.25, "w3 p50": 0.4 }),
  ...targets("polls", UPSTASH, { "w4 memory": 0.1, "w4 commands": 0.05 }),
  ...targets("polls", SOCKET_IO, { "w1 p50": 1, "w2 rate": 1, "w3 p50": 0.8, "w4 memory": 0.5 }),
  ...targets("polls", EJABBERD, { "w3 p50": 1 }),
  ...targets("polls", FLOOR, { "w1 p50": 1.1, "w2 rate": 1.5, "w3 p50": 1.2 }),
  ...targets("polls", LEAN_FLOOR, { "w1 p50": 1.1, "w2 rate": 1.5, "w3 p50": 1.2 }),
  ...targets("live", UPSTASH, { "w1 p50": 0.45, "w2 rate": 7, "w2 cpu": 0.13, "w2 p50": 0.3 }),
  ...targets("live", UPSTASH, { "w3 p50": 0.3, "w3 cpu": 0.35 }),
  ...targets("live", SOCKET_IO, { "w1 p50": 0.9, "w2 rate": 1.2, "w2 cpu": 0.85, "w2 p50": 0.8 }),
  ...targets("live", SOCKET_IO, { "w3 p50": 0.75, "w3 cpu": 0.6 }),
  ...targets("live", WEB_SOCKET, { "w1 p50": 1.1, "w2 rate": 0.6, "w2 cpu": 1.6, "w2 p50": 1.5 }),
  ...targets("live", WEB_SOCKET, { "w3 p50": 1, "w3 cpu": 1 }),
  ...[LIVE_FLOOR, LEAN_LIVE_FLOOR].flatMap((against) => [
    ...targets("live", against, { "w1 p50": 0.9, "w2 rate": 1.5, "w2 cpu": 0.9, "w2 p50": 1.2 }),
    ...targets("live", against, { "w3 p50": 0.7, "w3 cpu": 1.4 }),
  ]),
];

function targets(way: Way, against: string, ratios: Partial<Record<Measure, number>>): Target[] {
  return MEASURES.flatMap((measure) => {
    const ratio = ratios[measure];
    return ratio === undefined ? [] : [{ way, against, measure, ratio }];
  });
}

/** Whether more is better. */
export const GAINS: ReadonlySet<Measure> = new Set(["w2 rate"]);

export function holds({ measure, ratio }: Target, reached: number): boolean {
  return GAINS.has(measure) ? reached >= ratio : reached <= ratio;
}
