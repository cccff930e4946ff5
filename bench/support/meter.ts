import { readdir, readFile } from "node:fs/promises";
import { type Spent, spent, total } from "../../test/support/meter.js";
import type { Backend } from "./backend.js";

/** What was asked of one instance: how often, and for how long at least one thing was under way there. */
export class Traffic {
  requests = 0;
  #underWay = 0;
  #since = 0;
  #heldMs = 0;

  get heldMs(): number {
    return this.#heldMs + (this.#underWay > 0 ? performance.now() - this.#since : 0);
  }

  /** Counts something as under way until it is settled. */
  async count<Result>(asked: Promise<Result>): Promise<Result> {
    this.requests++;
    if (this.#underWay++ === 0) this.#since = performance.now();
    try {
      return await asked;
    } finally {
      if (--this.#underWay === 0) this.#heldMs += performance.now() - this.#since;
    }
  }
}

/** The processes that are measured, and what is asked of them. */
export type Metered = { pids: { server: number; bridge: number; redis: number }; backend: Backend; traffic: Traffic };

/** What something cost: CPU in µs a process, commands as billed, requests, and the time in which an instance was kept awake. */
export type Cost = {
  cpu: Record<keyof Metered["pids"], number>;
  commands: Spent;
  billed: number;
  requests: number;
  heldMs: number;
  ms: number;
};

/** Measures what a deed costs. */
export async function cost(metered: Metered, deed: () => Promise<unknown>): Promise<Cost> {
  const { pids, backend, traffic } = metered;
  const before = { cpu: await cpus(pids), requests: traffic.requests, heldMs: traffic.heldMs, ms: performance.now() };
  const commands = await spent(backend.redis, deed);
  const ms = performance.now() - before.ms;
  const after = await cpus(pids);
  const cpu = {
    server: after.server - before.cpu.server,
    bridge: after.bridge - before.cpu.bridge,
    redis: after.redis - before.cpu.redis,
  };
  const [requests, heldMs] = [traffic.requests - before.requests, traffic.heldMs - before.heldMs];
  return { cpu, commands, billed: total(commands), requests, heldMs, ms };
}

/** The resident memory of a process, in kB, and at its highest. */
export async function memory(pid: number): Promise<{ rss: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]);
  return { rss: kb("VmRSS"), peak: kb("VmHWM") };
}

async function cpus({ server, bridge, redis }: Metered["pids"]): Promise<Cost["cpu"]> {
  const [a, b, c] = await Promise.all([cpu(server), cpu(bridge), cpu(redis)]);
  return { server: a, bridge: b, redis: c };
}

/** The time in µs that the threads of a process have run; the ticks of /proc/<pid>/stat are too coarse for a short run. */
export async function cpu(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = threads.map((id) => readFile(`/proc/${pid}/task/${id}/schedstat`, "utf8").catch(() => "0"));
  return (await Promise.all(times)).reduce((sum, text) => sum + Number.parseInt(text, 10) / 1_000, 0);
}
