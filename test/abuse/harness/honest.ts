import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { v4 as uuid } from "uuid";
import * as v from "valibot";
import type { Chance } from "../../faults/chance.js";
import { session } from "../../support/site.js";
import { Wire } from "./wire.js";

const ROOM = 5;
// A lively chat: everybody says something every two seconds or so.
const PAUSE_MS = 2_000;
const WAIT_S = 25;
// One in so many is written to by guests, as the support desk of a shop; the others are left alone.
const DESK = 5;

const Token = v.object({ token: v.string(), cursor: v.string() });
const Stanza = v.looseObject({
  type: v.string(),
  message: v.exactOptional(v.looseObject({ thread: v.string(), id: v.string() })),
  thread: v.exactOptional(v.looseObject({ kind: v.exactOptional(v.string()) })),
});
const Answer = v.object({ cursor: v.string(), stanzas: v.array(Stanza) });
const Threads = v.object({ threads: v.array(v.object({ id: v.string(), kind: v.string() })) });

/** What honest users have seen: delays of delivery in ms, refusals, and what they must not see. */
export type Seen = { sent: number; delays: number[]; refused: string[]; wrong: string[] };

/** Users of the host in rooms of five, who follow their streams, talk, and look at their threads. */
export class Honest {
  readonly names: string[];
  /** Those whom guests may write to. */
  readonly desks: string[];
  seen: Seen = nothing();
  readonly #wire: Wire;
  readonly #chance: Chance;
  readonly #sent = new Map<string, number>();
  readonly #over = new AbortController();
  readonly #tokens = new Map<string, string>();

  constructor(url: string, size: number, chance: Chance) {
    this.#wire = new Wire(url);
    this.#chance = chance;
    this.names = Array.from({ length: size }, (_, i) => `honest,${i}`);
    this.desks = this.names.filter((_, i) => i % DESK === 0);
    setMaxListeners(0, this.#over.signal);
  }

  get rooms(): string[] {
    return this.names.flatMap((_, i) => (i % ROOM === 0 ? [roomOf(i)] : []));
  }

  async begin(): Promise<void> {
    for (const [i, name] of this.names.entries()) {
      const answer = await this.#wire.ask("POST", "token", { token: await session(name), body: {} });
      const { token, cursor } = v.parse(Token, JSON.parse(answer.text));
      this.#tokens.set(name, token);
      const members = this.names.slice(i, i + ROOM);
      if (i % ROOM === 0) await this.#ask(name, "POST", "threads", { kind: "room", id: roomOf(i), members });
      void this.#follow(i, name, cursor);
      void this.#talk(i, name, this.#chance.branch());
    }
  }

  /** Begins to count anew; returns what was seen so far. */
  turn(): Seen {
    const { seen } = this;
    this.seen = nothing();
    return seen;
  }

  /** Looks at everybody's list of threads, and stops. */
  async end(): Promise<void> {
    this.#over.abort();
    for (const [i, name] of this.names.entries()) {
      const reply = await this.#ask(name, "GET", "threads");
      if (reply.status !== 200) continue;
      for (const { id, kind } of v.parse(Threads, JSON.parse(reply.text)).threads)
        if (!this.#mayShow(i, id, kind)) this.seen.wrong.push(`${name} has the ${kind} thread ${id}`);
    }
    this.#wire.close();
  }

  async #ask(name: string, method: string, path: string, body?: unknown, signal?: AbortSignal) {
    const token = this.#tokens.get(name) ?? "";
    const asking = { token, ...(body === undefined ? {} : { body }), ...(signal === undefined ? {} : { signal }) };
    const reply = await this.#wire.ask(method, path, asking);
    if (reply.status >= 300 || (reply.status === 0 && signal?.aborted !== true))
      this.seen.refused.push(`${method} ${path.replace(/\?.*/, "")} of ${name}: ${reply.status} ${reply.text}`);
    return reply;
  }

  async #talk(i: number, name: string, chance: Chance): Promise<void> {
    while (!this.#over.signal.aborted) {
      await sleep(chance.between(0, 2 * PAUSE_MS));
      if (this.#over.signal.aborted) return;
      const id = uuid();
      this.#sent.set(id, performance.now());
      const message = { id, thread: roomOf(i), text: "What one says in a chat, at some length. ".repeat(3) };
      const { status } = await this.#ask(name, "POST", "send", { type: "message", message });
      if (status === 200) this.seen.sent++;
      if (chance.happens(0.05)) await this.#ask(name, "GET", "threads?limit=20");
    }
  }

  async #follow(i: number, name: string, begin: string): Promise<void> {
    for (let cursor = begin; !this.#over.signal.aborted; ) {
      const path = `stream?wait=${WAIT_S}&cursor=${cursor}`;
      const { status, text } = await this.#ask(name, "GET", path, undefined, this.#over.signal);
      if (status !== 200) await sleep(500);
      else {
        const answer = v.parse(Answer, JSON.parse(text));
        for (const stanza of answer.stanzas) this.#hear(i, name, stanza);
        cursor = answer.cursor;
      }
    }
  }

  #hear(i: number, name: string, stanza: v.InferOutput<typeof Stanza>): void {
    const { type, message, thread } = stanza;
    if (type === "resync") return void this.seen.wrong.push(`${name} got a resync`);
    const sent = message && this.#sent.get(message.id);
    if (sent !== undefined) this.seen.delays.push(performance.now() - sent);
    // So guests are named; a desk hears them in direct threads alone, and is added nowhere else.
    const hostile = JSON.stringify(stanza).includes("guest,");
    if (hostile && (!this.#isDesk(i) || (type === "thread" && thread?.kind !== "direct")))
      this.seen.wrong.push(`${name} got ${JSON.stringify(stanza).slice(0, 300)}`);
  }

  #mayShow(i: number, id: string, kind: string): boolean {
    return id === roomOf(i) || (this.#isDesk(i) && kind === "direct");
  }

  #isDesk(i: number): boolean {
    return i % DESK === 0;
  }
}

function roomOf(i: number): string {
  return `honest-room-${Math.floor(i / ROOM)}`;
}

function nothing(): Seen {
  return { sent: 0, delays: [], refused: [], wrong: [] };
}
