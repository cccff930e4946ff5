import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import type { Series } from "./results.js";
import type { Measure } from "./target.js";

// What people would use instead is measured by a load generator of its own, with drivers for each and for this project. It is
// no part of the project; whoever has it names its folder. `run.mjs --peer <id> --workload <ids> --out <file>` there starts a fresh
// server for each workload, and adds a line of JSON to the file.

const project = fileURLToPath(new URL("../../../", import.meta.url));
const WORKLOADS = "w1,w2,w3,w4";

// Null when nothing arrived.
const P50 = v.object({ p50: v.nullable(v.number()) });
const Line = v.object({
  workload: v.string(),
  error: v.optional(v.string()),
  lat: v.optional(P50),
  deliveredPerS: v.optional(v.number()),
  serverCpuUsPerMsg: v.optional(v.number()),
  rssKbPerClient: v.optional(v.object({ server: v.number() })),
  redisCmdsPerClientMinTotal: v.optional(v.number()),
});

/** Measures each of the peers so many times, all of them before any of them again. */
export async function measure(folder: string, peers: readonly string[], times: number): Promise<Series> {
  const series: Series = new Map(peers.map((peer) => [peer, {}]));
  for (let i = 0; i < times; i++) {
    for (const peer of peers) {
      for (const line of await run(folder, peer)) add(series.get(peer) ?? {}, line);
    }
  }
  return series;
}

async function run(folder: string, peer: string): Promise<v.InferOutput<typeof Line>[]> {
  const dir = await mkdtemp(join(tmpdir(), "bench-"));
  const out = join(dir, "lines");
  const args = ["run.mjs", "--peer", peer, "--workload", WORKLOADS, "--out", out];
  const env = { ...process.env, OURS_DIR: project };
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ["ignore", "inherit", "inherit"] });
  await once(child, "exit");
  const text = await readFile(out, "utf8").catch(() => "");
  await rm(dir, { recursive: true });
  return v.parse(
    v.array(Line),
    text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  );
}

function add(all: Partial<Record<Measure, number[]>>, line: v.InferOutput<typeof Line>): void {
  const put = (measure: Measure, value: number | null = null) => {
    // A server that gave memory back meanwhile has not shown what a client takes, and one that delivered nothing no rate.
    if (value !== null && value > 0) all[measure] = [...(all[measure] ?? []), value];
  };
  if (line.error !== undefined) return;
  if (line.workload === "w1") put("w1 p50", line.lat?.p50);
  if (line.workload === "w2") put("w2 rate", line.deliveredPerS);
  if (line.workload === "w2") put("w2 cpu", line.serverCpuUsPerMsg);
  if (line.workload === "w2") put("w2 p50", line.lat?.p50);
  if (line.workload === "w3") put("w3 p50", line.lat?.p50);
  if (line.workload === "w3") put("w3 cpu", line.serverCpuUsPerMsg);
  if (line.workload === "w4") put("w4 memory", line.rssKbPerClient?.server);
  if (line.workload === "w4") put("w4 commands", line.redisCmdsPerClientMinTotal);
}
