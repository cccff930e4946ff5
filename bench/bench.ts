import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { chat } from "./support/chat.js";
import { floor } from "./support/ground.js";
import { measure as measurePeers } from "./support/peers.js";
import { committed, keep, type Results, type Series } from "./support/results.js";
import { describeMachine, quantile } from "./support/site.js";
import type { Subject } from "./support/subject.js";
import { FLOOR, GAINS, holds, type Measure, TARGETS } from "./support/target.js";
import { figures, idle, oneToOne, pairs, room } from "./support/workload.js";

// The program behind `npm run bench`. In short, two minutes against the floor, or with `--peers <folder>` long, against what
// people would use instead. Prints the medians, the ratios and which targets hold; fails when a ratio is much worse than the one committed.

const { values } = parseArgs({
  options: {
    peers: { type: "string" },
    times: { type: "string", default: "5" },
    /** Keeps what was measured as the results to be committed. */
    save: { type: "boolean", default: false },
  },
});

/** This project, as it is called here and by the load generator. */
const OURS = values.peers === undefined ? "this project" : "ours-lp";
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
  const all: Series = new Map([
    [OURS, {}],
    [FLOOR, {}],
  ]);
  const subjects = [
    { name: OURS, subject: await chat() },
    { name: FLOOR, subject: await floor() },
  ];
  // What has just been started runs code that nothing has compiled yet.
  for (const { subject } of subjects) await pairs(subject, 3_000);
  for (let i = 0; i < times; i++) for (const { name, subject } of subjects) await talk(subject, note(all, name));
  for (const { subject } of subjects) await subject.stop();
  // Memory only grows, so each measurement has a process of its own.
  for (let i = 0; i < times; i++) {
    for (const [name, start] of [[OURS, chat] as const, [FLOOR, floor] as const]) {
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
  note("w3 p50", figures(await room(subject, 200, 8)).p50);
}

function long(folder: string): Promise<Series> {
  const others = new Set(TARGETS.map(({ against }) => against));
  return measurePeers(folder, [OURS, ...[...others].filter((it) => it !== FLOOR)], times);
}

function summarize(all: Series): Results {
  const mine = all.get(OURS) ?? {};
  const medians: Results["medians"] = {};
  const ratios: Results["ratios"] = {};
  for (const [name, found] of all) {
    for (const [measure, numbers] of Object.entries(found)) {
      medians[name] = { ...medians[name], [measure]: round(quantile(numbers, 0.5)) };
      const ours = Object.entries(mine).find(([it]) => it === measure)?.[1] ?? [];
      const each = numbers.flatMap((theirs, i) => (ours[i] === undefined || theirs === 0 ? [] : [ours[i] / theirs]));
      if (name !== OURS && each.length > 0) ratios[name] = { ...ratios[name], [measure]: round(quantile(each, 0.5)) };
    }
  }
  const redis = /v=(\S+)/.exec(execFileSync("redis-server", ["--version"]).toString())?.[1] ?? "unknown";
  const versions = { node: process.versions.node, redis };
  return { machine: describeMachine(), versions, date: today(), ratios, medians };
}

function print({ machine, ratios, medians }: Results): void {
  console.log(`${machine}\n`);
  const measures = [...new Set(Object.values(medians).flatMap((it) => Object.keys(it)))];
  console.log(`| | ${measures.join(" | ")} |\n|---|${measures.map(() => "---").join("|")}|`);
  for (const [name, its] of Object.entries(medians)) {
    console.log(`| ${name} | ${measures.map((it) => its[it] ?? "–").join(" | ")} |`);
  }
  console.log("\n| ours to theirs | | median ratio | target | |\n|---|---|---|---|---|");
  for (const target of TARGETS) {
    const reached = ratios[target.against]?.[target.measure];
    if (reached === undefined) continue;
    const bound = `${GAINS.has(target.measure) ? "≥" : "≤"} ${target.ratio}`;
    const verdict = holds(target, reached) ? "holds" : "missed";
    console.log(`| ${target.against} | ${target.measure} | ${reached} | ${bound} | ${verdict} |`);
  }
  console.log();
}

async function regressions({ ratios }: Results): Promise<string[]> {
  const before = (await committed())?.ratios ?? {};
  return Object.entries(ratios).flatMap(([against, its]) =>
    Object.entries(its).flatMap(([measure, ratio]) => {
      const was = before[against]?.[measure];
      if (was === undefined) return [];
      const factor = measure === "w2 rate" ? was / ratio : ratio / was;
      return factor > WORSE ? [`${measure} against ${against} is ${factor.toFixed(2)} times worse than committed`] : [];
    }),
  );
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
