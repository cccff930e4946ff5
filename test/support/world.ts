import { randomBytes } from "node:crypto";
import * as v from "valibot";
import * as token from "../../lib/auth/token.js";
import { send } from "../../lib/chat/send.js";
import { Fault } from "../../lib/fault.js";
import type { ChatContext } from "../../lib/http/chat-context.js";
import { begin } from "../../lib/log/clock.js";
import type { Caller } from "../../lib/people/caller.js";
import { digest } from "../../lib/store/keys.js";
import { Count } from "../../lib/store/replies.js";
import type { Answer } from "../../lib/stream/answer.js";
import { follow } from "../../lib/stream/follow.js";
import { type Heard, Model } from "./model.js";

export const NAMES = ["ann", "ben", "cid", "dan"] as const;
export type Name = (typeof NAMES)[number];

type Sent = { who: Name; id: string; thread: string; text: string; seq: number; timestamp: string };
type Held = { after: number; answer: Promise<Answer>; client: AbortController };

const Stanza = v.variant("type", [
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

const Entries = v.array(v.looseTuple([v.string()]));

/** A few people who chat through the functions of this process, and the model of what must be delivered to them. */
export class World {
  readonly chat: ChatContext;
  readonly model = new Model();
  readonly sent: Sent[] = [];
  /** Every cursor that each user got, the newest last. */
  readonly cursors: Record<Name, number[]>;
  /** The saved cursor of each user, for polls without one. */
  readonly bare: Record<Name, number>;
  readonly #held = new Map<Name, Held>();
  readonly #epoch: string;
  readonly #callers: ReadonlyMap<string, Caller>;
  readonly #run: string;

  private constructor(chat: ChatContext, epoch: string, callers: ReadonlyMap<string, Caller>, run: string) {
    this.chat = chat;
    this.#epoch = epoch;
    this.#callers = callers;
    this.#run = run;
    const birth = (who: Name) => callers.get(who)?.birth?.n ?? 0;
    this.bare = { ann: birth("ann"), ben: birth("ben"), cid: birth("cid"), dan: birth("dan") };
    this.cursors = { ann: [this.bare.ann], ben: [this.bare.ben], cid: [this.bare.cid], dan: [this.bare.dan] };
  }

  static async begin(chat: ChatContext): Promise<World> {
    const run = randomBytes(4).toString("hex");
    const { epoch } = await begin(chat, Date.now());
    const callers = new Map<string, Caller>();
    for (const who of NAMES) {
      const actor = { id: `${who},${run}`, objectType: "person" };
      const made = await token.create(chat, { actor, expires: Date.now() + 3_600_000 }, Date.now());
      callers.set(who, await token.find(chat, digest(made.token), Date.now()));
    }
    return new World(chat, epoch, callers, run);
  }

  id(who: Name): string {
    return `${who},${this.#run}`;
  }

  room(i: number): string {
    return `room${i}-${this.#run}`;
  }

  caller(who: Name): Caller {
    const caller = this.#callers.get(who);
    if (caller === undefined) throw new Error(`There is no user ${who}`);
    return caller;
  }

  /** Sends a message; returns its result, or the code of the fault. */
  async say(who: Name, message: { id: string; text: string; thread?: string; to?: string[] }) {
    try {
      const said = await send(this.chat, this.caller(who), [{ type: "message", message }], Date.now());
      return v.parse(Result, said).results[0];
    } catch (error) {
      if (error instanceof Fault) return error.code;
      throw error;
    }
  }

  /** Returns the n of the newest event of a thread. */
  async tip(thread: string): Promise<number> {
    const { keys, store } = this.chat;
    const [[tip]] = await store.transact(v.tuple([v.tuple([Count])]), (batch) =>
      batch.hmget(keys.thread(thread), "tip"),
    );
    return tip;
  }

  /** Returns the n of each event of a thread after an n, in order. */
  async eventsAfter(thread: string, n: number): Promise<number[]> {
    const { keys, store } = this.chat;
    const [found] = await store.transact(v.tuple([Entries]), (batch) =>
      batch.xrange(keys.events(thread), `${n + 1}-0`, "+"),
    );
    return found.map(([id]) => Number.parseInt(id, 10));
  }

  /** Polls as a user, from a cursor or without one, and judges the answer. */
  async ask(who: Name, after: number | undefined, limit: number): Promise<number> {
    const cursor = after === undefined ? undefined : { epoch: this.#epoch, n: after };
    const question = { cursor, wait: 0, limit, remember: cursor === undefined };
    const answer = await follow(this.chat, this.caller(who), question, new AbortController().signal);
    const from = after ?? this.bare[who];
    if (answer.prev.n !== from) throw new Error(`${who} was answered from ${answer.prev.n}, not from ${from}`);
    this.model.judge(who, from, heard(answer, this.#epoch), limit);
    return answer.cursor.n;
  }

  hold(who: Name, after: number): void {
    if (this.#held.has(who)) return;
    const client = new AbortController();
    const question = { cursor: { epoch: this.#epoch, n: after }, wait: 20, limit: 100, remember: false };
    const answer = follow(this.chat, this.caller(who), question, client.signal);
    answer.catch(() => undefined);
    this.#held.set(who, { after, answer, client });
  }

  /** Waits for the held polls for which something is due now. */
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
  const told = stanzas.map(({ n, body }) => ({ n, it: v.parse(v.pipe(v.string(), v.parseJson(), Stanza), body) }));
  const counted = told.flatMap(({ n, it }) => ("message" in it || "thread" in it ? [{ n, key: keyOf(it) }] : []));
  return {
    stanzas: counted,
    trimmed: told.flatMap(({ it }) => (it.type === "resync" ? it.resync.threads : [])),
    others: told.filter(({ it }) => it.type === "presence").length,
    cursor: cursor.n,
    more,
  };
}

function keyOf(it: Extract<v.InferOutput<typeof Stanza>, { type: "message" | "thread" }>): string {
  if (it.type === "message") return `${it.message.thread} message ${it.message.seq}`;
  return `${it.thread.id} ${/left|removed/.test(it.thread.action) ? "gone" : it.thread.action}`;
}
