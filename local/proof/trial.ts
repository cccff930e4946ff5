import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { countCommands, priceOf, type RestStore } from "./bill.js";
import type { Count } from "./bots.js";

/** A kill of the server: when, how long until the next one served, and how much has been lost since. */
type Kill = { at: number; pid: number | undefined; backMs?: number; lost: number };

// Ends a trial whose page was closed, or left open for too long.
const UNWATCHED_MS = 60_000;
const LONGEST_MS = 3_600_000;
const TICK_MS = 1_000;
// So long after a kill, all bots have reconnected and reported it.
const CALM_MS = 10_000;
// So many messages are enough for a mean.
const ENOUGH = 25;
// Reports of two minutes.
const SERIES = 240;
const KILLS = 200;

/** Bots that chat through a server process of their own. The server can be killed, and is restarted at once. */
export class Trial {
  /** Why the trial has ended; undefined while it runs. */
  ended: string | undefined;
  readonly #store: RestStore;
  readonly #bots: number;
  readonly #began = Date.now();
  readonly #secret = randomBytes(32).toString("base64url");
  readonly #timer = setInterval(() => void this.#tick(), TICK_MS);
  readonly #kills: Kill[] = [];
  readonly #series: [at: number, delivered: number][] = [];
  #children = new Set<ChildProcess>();
  #server: ChildProcess | undefined;
  #serving = false;
  #count: Count | undefined;
  #commands = { first: 0, now: 0 };
  /** The counts when all bots had reconnected after the last kill, and the commands per message since then. */
  #calm: { commands: number; accepted: number } | undefined;
  #perMessage: number | undefined;
  #watched = Date.now();

  constructor(store: RestStore, bots: number) {
    this.#store = store;
    this.#bots = bots;
    this.#begin().catch((error: unknown) => this.end(error instanceof Error ? error.message : "Cannot start"));
  }

  /** Kills the server with SIGKILL. Returns whether there was one. */
  kill(): boolean {
    if (!this.#serving || !this.#count?.talking) return false;
    this.#kills.push({ at: Date.now(), pid: this.#server?.pid, lost: 0 });
    if (this.#kills.length > KILLS) this.#kills.shift();
    this.#serving = false;
    return this.#server?.kill("SIGKILL") ?? false;
  }

  /** Returns the current state. The trial ends when this is not called for a minute. */
  state() {
    this.#watched = Date.now();
    const commands = this.#commands.now - this.#commands.first;
    return {
      ...{ now: Date.now(), ended: this.ended, bots: this.#bots, pid: this.#server?.pid, serving: this.#serving },
      ...{ ...this.#count, seconds: (Date.now() - this.#began) / 1_000 },
      ...(commands === 0 ? {} : { commands, dollars: priceOf(commands), perMessage: this.#perMessage }),
      ...{ kills: this.#kills, series: this.#series },
    };
  }

  /** Ends all processes of the trial. */
  async end(why: string): Promise<void> {
    this.ended ??= why;
    clearInterval(this.#timer);
    this.#serving = false;
    const gone = [...this.#children].map((child) => once(child, "exit"));
    for (const child of this.#children) child.kill("SIGKILL");
    await Promise.all(gone);
  }

  async #begin(): Promise<void> {
    const url = await this.#serve("0");
    const first = await countCommands(this.#store);
    if (this.ended !== undefined) return;
    this.#commands = { first, now: first };
    const bots = this.#start("bots.js", { CHAT_URL: url, BOTS: `${this.#bots}` });
    bots.on("message", (count: Count) => this.#hear(count));
    bots.once("exit", () => this.end("The bots have ended"));
  }

  /** Starts a server, and the next one when it ends. */
  async #serve(port: string): Promise<string> {
    const server = this.#start("../start.js", {
      ...{ HOST: "127.0.0.1", PORT: port, CHAT_PREFIX: "proof:", CHAT_STORE: "local", CHAT_GUESTS: "0" },
      ...{ UPSTASH_REDIS_REST_URL: this.#store.url, UPSTASH_REDIS_REST_TOKEN: this.#store.token },
      ...{ CHAT_RATE_TOKEN: "1000", CHAT_RATE_STREAM: "1000" },
    });
    this.#server = server;
    const url = await said(server, /Serving on (http:\S+?),/);
    if (this.ended !== undefined) throw new Error(this.ended);
    this.#serving = true;
    const last = this.#kills.at(-1);
    if (last !== undefined) last.backMs ??= Date.now() - last.at;
    server.once("exit", () => {
      this.#serving = false;
      if (this.ended !== undefined) return;
      this.#serve(new URL(url).port).catch(() => this.end("The server did not start again"));
    });
    return url;
  }

  #start(program: string, env: Record<string, string>): ChildProcess {
    const child = spawn(process.execPath, [fileURLToPath(new URL(program, import.meta.url))], {
      env: { PATH: process.env.PATH, CHAT_JWT_SECRET: this.#secret, ...env },
      stdio: ["ignore", "pipe", "inherit", "ipc"],
      // Detached, so that Ctrl-C reaches only this process. The children end with it: their IPC channel closes.
      detached: true,
    });
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
    return child;
  }

  #hear(count: Count): void {
    const last = this.#kills.at(-1);
    if (last !== undefined) last.lost += count.lost - (this.#count?.lost ?? 0);
    this.#count = count;
    this.#series.push([Date.now(), count.delivered]);
    if (this.#series.length > SERIES) this.#series.shift();
  }

  async #tick(): Promise<void> {
    if (Date.now() - this.#watched > UNWATCHED_MS) return await this.end("No page has looked for a minute");
    if (Date.now() - this.#began > LONGEST_MS) return await this.end("An hour is enough");
    const now = await countCommands(this.#store).catch(() => undefined);
    if (now === undefined) return;
    this.#commands.now = now;
    this.#weigh(now);
  }

  /** Computes the commands per message while no bot connects or reconnects. */
  #weigh(commands: number): void {
    const { accepted = 0, talking, online } = this.#count ?? {};
    if (!talking || online !== this.#bots || Date.now() - (this.#kills.at(-1)?.at ?? 0) < CALM_MS)
      this.#calm = undefined;
    else if (this.#calm === undefined) this.#calm = { commands, accepted };
    else if (accepted - this.#calm.accepted >= ENOUGH)
      this.#perMessage = (commands - this.#calm.commands) / (accepted - this.#calm.accepted);
  }
}

async function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  let text = "";
  // The pipe stays open: writing to a closed one would end the process.
  for await (const chunk of child.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    text += chunk;
    const found = pattern.exec(text)?.[1];
    if (found === undefined) continue;
    child.stdout?.resume();
    return found;
  }
  throw new Error("The server did not start");
}
