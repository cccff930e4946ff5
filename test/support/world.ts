import { randomBytes } from "node:crypto";
import * as v from "valibot";
import * as token from "../../lib/auth/token.js";
import { send } from "../../lib/chat/send.js";
import { Fault } from "../../lib/fault.js";
import * as log from "../../lib/log/write.js";
import type { Caller } from "../../lib/people/caller.js";
import * as keys from "../../lib/store/keys.js";
import * as redis from "../../lib/store/redis.js";
import type { Answer } from "../../lib/stream/answer.js";
import { follow } from "../../lib/stream/follow.js";
import { type Heard, Model } from "./model.js";

export const NAMES = ["ann", "ben", "cid", "dan"] as const;
export type Name = (typeof NAMES)[number];

type Sent = { who: Name; id: string; thread: string; text: string; seq: number; timestamp: string };
type Held = { after: number; answer: Promise<Answer>; client: AbortController };

const Told = v.variant("type", [
  v.object({ type: v.literal("presence") }),
  v.object({ type: v.literal("message"), message: v.object({ thread: v.string(), seq: v.number() }) }),
  v.object({ type: v.literal("thread"), thread: v.object({ id: v.string(), action: v.string() }) }),
  v.object({
    type: v.literal("resync"),
    resync: v.object({
      reason: v.literal("trimmed"),
      threads: v.array(v.object({ id: v.string(), seq: v.number(), unread: v.number() })),
    }),
  }),
]);
const Result = v.object({
  results: v.tuple([
    v.object({
      thread: v.string(),
      seq: v.number(),
      timestamp: v.string(),
      duplicate: v.exactOptional(v.literal(true)),
    }),
  ]),
});

/** A few people who chat through the functions of this process, and the model of what they must be told. */
export class World {
  readonly model = new Model();
  readonly sent: Sent[] = [];
  /** Every cursor that somebody was given, the newest last. */
  readonly cursors: Record<Name, number[]>;
  /** Where those stand who ask without a cursor. */
  readonly bare: Record<Name, number>;
  readonly #held = new Map<Name, Held>();
  readonly #epoch: string;
  readonly #callers: ReadonlyMap<string, Caller>;
  readonly #run: string;

  private constructor(epoch: string, callers: ReadonlyMap<string, Caller>, run: string) {
    this.#epoch = epoch;
    this.#callers = callers;
    this.#run = run;
    const birth = (who: Name) => callers.get(who)?.birth?.n ?? 0;
    this.bare = { ann: birth("ann"), ben: birth("ben"), cid: birth("cid"), dan: birth("dan") };
    this.cursors = { ann: [this.bare.ann], ben: [this.bare.ben], cid: [this.bare.cid], dan: [this.bare.dan] };
  }

  static async begin(): Promise<World> {
    const run = randomBytes(4).toString("hex");
    const { epoch } = await log.begin(Date.now());
    const callers = new Map<string, Caller>();
    for (const who of NAMES) {
      const actor = { id: `${who},${run}`, objectType: "person" };
      const made = await token.create({ actor, expires: Date.now() + 3_600_000 }, Date.now());
      callers.set(who, await token.find(keys.digest(made.token), Date.now()));
    }
    return new World(epoch, callers, run);
  }

  id(who: Name): string {
    return `${who},${this.#run}`;
  }

  room(i: number): string {
    return `room${i}-${this.#run}`;
  }

  caller(who: Name): Caller {
    const caller = this.#callers.get(who);
    if (caller === undefined) throw new Error(`Nobody is called ${who}`);
    return caller;
  }

  /** Sends a message, or gets the code of what is wrong with it. */
  async say(who: Name, message: { id: string; text: string; thread?: string; to?: string[] }) {
    try {
      const said = await send(this.caller(who), [{ type: "message", message }], Date.now());
      return v.parse(Result, said).results[0];
    } catch (error) {
      if (error instanceof Fault) return error.code;
      throw error;
    }
  }

  /** The number of the newest event of a thread. */
  async tip(thread: string): Promise<number> {
    const [[tip]] = await redis.read(v.tuple([v.tuple([log.Count])]), (it) => it.hmget(keys.thread(thread), "tip"));
    return tip;
  }

  /** Asks as somebody who stands at a cursor, or has none, and judges the answer. */
  async ask(who: Name, after: number | undefined, limit: number): Promise<number> {
    const cursor = after === undefined ? undefined : { epoch: this.#epoch, n: after };
    const question = { cursor, wait: 0, limit, remember: cursor === undefined };
    const answer = await follow(this.caller(who), question, new AbortController().signal);
    const from = after ?? this.bare[who];
    if (answer.prev.n !== from) throw new Error(`${who} was answered from ${answer.prev.n} and not ${from}`);
    this.model.judge(who, from, heard(answer, this.#epoch), limit);
    return answer.cursor.n;
  }

  hold(who: Name, after: number): void {
    if (this.#held.has(who)) return;
    const client = new AbortController();
    const question = { cursor: { epoch: this.#epoch, n: after }, wait: 20, limit: 100, remember: false };
    const answer = follow(this.caller(who), question, client.signal);
    answer.catch(() => undefined);
    this.#held.set(who, { after, answer, client });
  }

  /** Waits for those held polls for which there is something now. */
  async settle(): Promise<void> {
    for (const [who, { after, answer }] of this.#held) {
      if (!this.model.awaits(who, after)) continue;
      this.#held.delete(who);
      this.model.judge(who, after, heard(await answer, this.#epoch), 100, true);
    }
  }

  async end(): Promise<void> {
    for (const { client } of this.#held.values()) client.abort();
    await Promise.allSettled([...this.#held.values()].map((it) => it.answer));
  }
}

function heard({ stanzas, cursor, more }: Answer, epoch: string): Heard {
  if (cursor.epoch !== epoch) throw new Error("The epoch changed");
  const told = stanzas.map(({ n, body }) => ({ n, it: v.parse(v.pipe(v.string(), v.parseJson(), Told), body) }));
  const counted = told.flatMap(({ n, it }) => ("message" in it || "thread" in it ? [{ n, key: keyOf(it) }] : []));
  return {
    stanzas: counted,
    trimmed: told.flatMap(({ it }) => (it.type === "resync" ? it.resync.threads : [])),
    others: told.filter(({ it }) => it.type === "presence").length,
    cursor: cursor.n,
    more,
  };
}

function keyOf(it: Extract<v.InferOutput<typeof Told>, { type: "message" | "thread" }>): string {
  if (it.type === "message") return `${it.message.thread} message ${it.message.seq}`;
  return `${it.thread.id} ${/left|removed/.test(it.thread.action) ? "gone" : it.thread.action}`;
}
