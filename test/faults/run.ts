import { type ChildProcess, fork } from "node:child_process";
import { appendFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { Chance } from "./chance.js";
import { Checker, type Violation } from "./checker.js";
import type { Order } from "./client.js";
import { type Cluster, cluster } from "./cluster.js";
import { Happening } from "./history.js";
import { rage } from "./nemesis.js";

export type Plan = {
  seed: number;
  /** For how long things are broken. */
  seconds: number;
  servers: number;
  users: number;
  /** Between two things that one of a user's two hands writes. */
  pauseMs: number;
  /** Folders of builds: what is tested first, another version to run beside it second. */
  builds: readonly string[];
  /** Whether to wait at the end, up to 90 s, until those who left are told to be gone. */
  patient: boolean;
  /** Whether the first violation ends the run. */
  hasty: boolean;
  /** The kinds of faults to inject; all if absent. */
  kinds?: readonly string[];
};

export type Result = {
  seed: number;
  ms: number;
  accepted: number;
  operations: Map<string, number>;
  faults: Map<string, number>;
  violations: Violation[];
  history: Happening[];
  begin: number;
  folder: string;
};

// Those who leave do so that long before the end, so that their going is due soon after.
const LEAVE_BEFORE_MS = 45_000;
// PROFILE §4 and §5: within 90 s after the last held stream; a little more for who tells.
const PRESENCE_MS = 95_000;
const REST_MS = 60_000;

/** Lets people chat on a cluster while everything is broken, and holds what they saw against what is promised. */
export async function run(plan: Plan): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "chat-faults-"));
  const [build = "."] = plan.builds;
  const chance = new Chance(plan.seed);
  const arena = await cluster(folder, plan.servers, build);
  const client = fork(fileURLToPath(new URL("./client.js", import.meta.url)), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const game = new Game(plan, arena, client, join(folder, "history.jsonl"));
  try {
    await game.play(chance);
  } finally {
    client.kill("SIGKILL");
    await arena.stop();
  }
  const { checker, faults, history, begin } = game;
  const { accepted, operations, violations } = checker;
  if (violations.length === 0) await rm(folder, { recursive: true, force: true });
  return { seed: plan.seed, ms: Date.now() - begin, accepted, operations, faults, violations, history, begin, folder };
}

class Game {
  readonly checker = new Checker();
  readonly faults = new Map<string, number>();
  readonly history: Happening[] = [];
  readonly begin = Date.now();
  readonly #plan: Plan;
  readonly #cluster: Cluster;
  readonly #client: ChildProcess;
  readonly #file: string;
  readonly #over = new AbortController();
  readonly #seen = new Set<string>();

  constructor(plan: Plan, arena: Cluster, client: ChildProcess, file: string) {
    this.#plan = plan;
    this.#cluster = arena;
    this.#client = client;
    this.#file = file;
    client.on("message", (happenings) => this.#hear(v.parse(v.array(Happening), happenings)));
    client.once("exit", () => {
      if (!this.#seen.has("finished")) this.#wrong("rest", "the clients ended by themselves");
      this.#over.abort();
    });
  }

  async play(chance: Chance): Promise<void> {
    const { seed, users, pauseMs, seconds, builds, kinds } = this.#plan;
    const ways = this.#cluster.nodes.map(({ name, near }) => ({ name, url: near.url }));
    this.#order({ do: "begin", seed, ways, users, pauseMs });
    await this.#until("ready", REST_MS);
    const stop = new AbortController();
    const raging = rage(
      {
        ...{ cluster: this.#cluster, builds, users, kinds, order: (order) => this.#order(order) },
        began: (kind, where) => this.#fault(kind, where, "begins"),
        ended: (kind, where) => this.#fault(kind, where, "ends"),
        restored: (to, killed, back) => this.checker.restored(to, killed, back),
      },
      chance,
      stop.signal,
    );
    raging.catch((error: unknown) => this.#wrong("rest", `the faults ended by themselves: ${error}`));
    const leave = Math.max(0, seconds * 1_000 - LEAVE_BEFORE_MS);
    await this.#pass(leave);
    for (const who of [users - 1, users - 2]) this.#order({ do: "leave", who, ms: 0 });
    await this.#pass(seconds * 1_000 - leave);
    stop.abort();
    await raging;
    if (!this.#done) await this.#rest();
  }

  /** Everything is whole: what is promised must come true. */
  async #rest(): Promise<void> {
    const began = Date.now();
    this.#order({ do: "hush" });
    await this.#until("rest", REST_MS);
    while (this.#plan.patient && !this.#done && Date.now() < began + PRESENCE_MS && this.#confused())
      await this.#pass(500);
    if (this.#plan.patient) this.checker.finish(Date.now());
    this.#order({ do: "finish" });
    await this.#until("finished", REST_MS);
  }

  #confused(): boolean {
    return this.checker.confused().next().done !== true;
  }

  get #done(): boolean {
    return this.#over.signal.aborted || (this.#plan.hasty && this.checker.violations.length > 0);
  }

  async #pass(ms: number): Promise<void> {
    for (const end = Date.now() + ms; Date.now() < end && !this.#done; ) {
      await sleep(Math.min(250, Math.max(1, end - Date.now())));
      for (const { name, crash } of this.#cluster.nodes) {
        const words = crash();
        if (words !== undefined && !this.#seen.has(`crash ${name}`))
          this.#wrong("crash", `${name} ended by itself: ${words}`);
        if (words !== undefined) this.#seen.add(`crash ${name}`);
      }
    }
  }

  async #until(what: Happening["e"], ms: number): Promise<void> {
    for (const end = Date.now() + ms; !this.#seen.has(what) && !this.#done; ) {
      if (Date.now() > end) return this.#wrong("rest", `the clients are not ${what} after ${ms} ms`);
      await sleep(20);
    }
  }

  #wrong(rule: string, what: string): void {
    this.#hear([{ e: "wrong", at: Date.now(), rule, who: "harness", what, r: 0 }]);
  }

  #hear(happenings: Happening[]): void {
    for (const it of happenings) {
      this.#seen.add(it.e);
      this.history.push(it);
      this.checker.take(it);
    }
    appendFileSync(this.#file, happenings.map((it) => `${JSON.stringify(it)}\n`).join(""));
  }

  #fault(kind: string, where: string, phase: "begins" | "ends"): void {
    if (phase === "begins") this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
    this.#hear([{ e: "fault", at: Date.now(), kind, where, phase }]);
  }

  #order(order: Order): void {
    if (this.#client.connected) this.#client.send(order);
  }
}
