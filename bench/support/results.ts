import { readFile, writeFile } from "node:fs/promises";
import * as v from "valibot";
import type { Measure } from "./target.js";

// The last results that were committed, in bench/results.json.

const file = new URL("../../../bench/results.json", import.meta.url);

const Figures = v.record(v.string(), v.record(v.string(), v.number()));

const Results = v.object({
  machine: v.string(),
  versions: v.record(v.string(), v.string()),
  date: v.string(),
  /** By the way in which its clients follow, by what the chat was held against, and by measure: the median of the ratios. */
  ratios: v.object({ polls: Figures, live: Figures }),
  /** By who was measured, and by measure. */
  medians: Figures,
});
export type Results = v.InferOutput<typeof Results>;

/** What repeated runs gave, by who was measured: a number a run for each measure. */
export type Series = Map<string, Partial<Record<Measure, number[]>>>;

export async function committed(): Promise<Results | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? undefined : v.parse(Results, JSON.parse(text));
}

/** Keeps new results beside what is committed of others than those that were measured now. */
export async function keep(results: Results): Promise<void> {
  const before = await committed();
  const medians = { ...before?.medians, ...results.medians };
  const ratios = {
    polls: { ...before?.ratios.polls, ...results.ratios.polls },
    live: { ...before?.ratios.live, ...results.ratios.live },
  };
  await writeFile(file, `${JSON.stringify({ ...results, ratios, medians }, undefined, 2)}\n`);
}
