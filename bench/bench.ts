import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { chat, liveChat } from "./support/chat.js";
import { floor, liveFloor } from "./support/ground.js";
import { measure as measurePeers } from "./support/peers.js";
import { committed, keep, type Results, type Series } from "./support/results.js";
import { describeMachine, quantile } from "./support/site.js";
import type { Subject } from "./support/subject.js";
import { FLOOR, GAINS, holds, LIVE_FLOOR, MEASURES, type Measure, TARGETS, type Way } from "./support/target.js";
import { figures, idle, oneToOne, pairs, room } from "./support/workload.js";

// The program behind `npm run bench`. In short, four minutes against the floor, or with `--peers <folder>` long, against what
// people would use instead; in both ways in which clients follow. Prints the medians, the ratios and which targets hold; fails when a ratio is
// much worse than the one committed.

const { values } = parseArgs({
  options: {
    peers: { type: "string" },
    times: { type: "string", default: "5" },
    /** Keeps what was measured as the results to be committed. */
    save: { type: "boolean", default: false },
  },
});

/** This project, as it is called here and by the load generator. */
const OURS: Readonly<Record<Way, string>> =
  values.peers === undefined
    ? { polls: "this project, polls", live: "this project, live" }
    : { polls: "ours-lp", live: "ours-sse" };
const WAYS = ["polls", "live"] as const;
// A ratio that is worse than the one committed by more is a fault, not noise.
const WORSE = 1.35;

const times = Number(values.times);
const series = values.peers === undefined ? await short() : await long(values.peers);
const results = summarize(series);
print(results);
const worse = await regressions(results);
for (const line of worse) console.error(line);
if (values.save) await keep(results);
else if (worse.length > 0) process.exitCode = 1;

async function short(): Promise<Series> {
  const starts = [
    [OURS.polls, chat],
    [FLOOR, floor],
    [OURS.live, liveChat],
    [LIVE_FLOOR, liveFloor],
  ] as const;
  const all: Series = new Map(starts.map(([name]) => [name, {}]));
  const subjects = await Promise.all(starts.map(async ([name, start]) => ({ name, subject: await start() })));
  // What has just been started runs code that nothing has compiled yet.
  for (const { subject } of subjects) await pairs(subject, 3_000);
  for (let i = 0; i < times; i++) for (const { name, subject } of subjects) await talk(subject, note(all, name));
  for (const { subject } of subjects) await subject.stop();
  // Memory only grows, so each measurement has a process of its own.
  for (let i = 0; i < times; i++) {
    for (const [name, start] of starts) {
      const subject = await start();
      note(all, name)("w4 memory", (await idle(subject, 400, 500)).kb);
      await subject.stop();
    }
  }
  return all;
}

type Note = (measure: Measure, value: number) => void;

function note(all: Series, name: string): Note {
  const mine = all.get(name) ?? {};
  return (measure, value) => {
    mine[measure] = [...(mine[measure] ?? []), value];
  };
}

async function talk(subject: Subject, note: Note): Promise<void> {
  note("w1 p50", figures(await oneToOne(subject, 50)).p50);
  const busy = figures(await pairs(subject, 1_500));
  note("w2 rate", busy.rate);
  note("w2 cpu", busy.us);
  note("w2 p50", busy.p50);
  const crowded = figures(await room(subject, 200, 8));
  note("w3 p50", crowded.p50);
  note("w3 cpu", crowded.us);
}

function long(folder: string): Promise<Series> {
  const others = new Set(TARGETS.map(({ against }) => against).filter((it) => it !== FLOOR && it !== LIVE_FLOOR));
  return measurePeers(folder, [...Object.values(OURS), ...others], times);
}

function summarize(all: Series): Results {
  const medians: Results["medians"] = {};
  for (const [name, found] of all)
    medians[name] = Object.fromEntries(
      Object.entries(found).map(([measure, numbers]) => [measure, round(quantile(numbers, 0.5))]),
    );
  const ratios = { polls: ratiosOf("polls", all), live: ratiosOf("live", all) };
  const redis = /v=(\S+)/.exec(execFileSync("redis-server", ["--version"]).toString())?.[1] ?? "unknown";
  const versions = { node: process.versions.node, redis };
  return { machine: describeMachine(), versions, date: today(), ratios, medians };
}

/** The medians of the ratios, each of numbers of one round, to those that this way of following has targets against. */
function ratiosOf(way: Way, all: Series): Results["ratios"][Way] {
  const mine = all.get(OURS[way]) ?? {};
  const against = new Set(TARGETS.filter((it) => it.way === way).map((it) => it.against));
  const ratios: Results["ratios"][Way] = {};
  for (const [name, found] of all) {
    if (!against.has(name)) continue;
    for (const measure of MEASURES) {
      const [ours = [], theirs = []] = [mine[measure], found[measure]];
      const each = theirs.flatMap((it, i) => (ours[i] === undefined || it === 0 ? [] : [ours[i] / it]));
      if (each.length > 0) ratios[name] = { ...ratios[name], [measure]: round(quantile(each, 0.5)) };
    }
  }
  return ratios;
}

function print({ machine, ratios, medians }: Results): void {
  console.log(`${machine}\n`);
  const measures = [...new Set(Object.values(medians).flatMap((it) => Object.keys(it)))];
  console.log(`| | ${measures.join(" | ")} |\n|---|${measures.map(() => "---").join("|")}|`);
  for (const [name, its] of Object.entries(medians)) {
    console.log(`| ${name} | ${measures.map((it) => its[it] ?? "–").join(" | ")} |`);
  }
  console.log("\n| | ours to theirs | | median ratio | target | |\n|---|---|---|---|---|---|");
  for (const target of TARGETS) {
    const reached = ratios[target.way][target.against]?.[target.measure];
    if (reached === undefined) continue;
    const bound = `${GAINS.has(target.measure) ? "≥" : "≤"} ${target.ratio}`;
    const verdict = holds(target, reached) ? "holds" : "missed";
    console.log(`| ${target.way} | ${target.against} | ${target.measure} | ${reached} | ${bound} | ${verdict} |`);
  }
  console.log();
}

async function regressions({ ratios }: Results): Promise<string[]> {
  const before = (await committed())?.ratios;
  return WAYS.flatMap((way) =>
    Object.entries(ratios[way]).flatMap(([against, its]) =>
      Object.entries(its).flatMap(([measure, ratio]) => {
        const was = before?.[way][against]?.[measure];
        if (was === undefined) return [];
        const factor = measure === "w2 rate" ? was / ratio : ratio / was;
        if (factor <= WORSE) return [];
        return [`${measure} of ${OURS[way]} against ${against} is ${factor.toFixed(2)} times worse than committed`];
      }),
    ),
  );
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
