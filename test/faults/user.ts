import { setTimeout as sleep } from "node:timers/promises";
import { v4 } from "uuid";
import * as v from "valibot";
import { session } from "../support/site.js";
import { call, type Reply } from "./call.js";
import type { Chance } from "./chance.js";
import type { Happening, Told } from "./history.js";
import { type Form, Refusal, Tab } from "./tab.js";

/** A way to a server. */
export type Way = { name: string; url: string };

/** What all users of a run share. */
export type Crowd = {
  ways: readonly Way[];
  report(happening: Happening): void;
  /** Numbers a request. */
  number(): number;
};

/** Where somebody writes; `seq` is the newest message there that they were told. */
type Room = { id: string; seq: number; own: string[]; seen: string[] };

// Nobody waits longer for something to be taken; it is sent again then.
const SEND_MS = 5_000;
// A write takes 2 to 40 ms: connections are cut before it, within it and after it.
const HANG_UP_MS = 30;
const EMOJI = ["👍", "🎉", "❤️", "😂"];

/** Somebody with a token and some tabs, who writes as fast as they may. */
export class User {
  readonly entity: string;
  readonly tabs: Tab[] = [];
  token = "";
  via: Way;
  readonly #crowd: Crowd;
  readonly #chance: Chance;
  readonly #rooms = new Map<string, Room>();
  #cursor = "";
  #quiet = false;
  #hangsUpUntil = 0;

  constructor(entity: string, crowd: Crowd, chance: Chance) {
    this.entity = entity;
    this.#crowd = crowd;
    this.#chance = chance;
    this.via = chance.pick(crowd.ways);
  }

  /** Takes a token, and opens a tab of each form. */
  async begin(forms: readonly Form[]): Promise<void> {
    const headers = { authorization: `Bearer ${await session(this.entity)}` };
    const url = `${this.via.url}/nereid-chat/token`;
    const reply = await call({ method: "POST", url, headers, timeoutMs: SEND_MS });
    const made = v.parse(v.object({ token: v.string(), cursor: v.string() }), JSON.parse(reply.text));
    this.token = made.token;
    this.#cursor = made.cursor;
    for (const [i, form] of forms.entries()) this.#open(`${this.entity}/${i + 1}${form[0]}`, form);
  }

  report(happening: Happening): void {
    this.#crowd.report(happening);
  }

  number(): number {
    return this.#crowd.number();
  }

  /** Learns from a tab where one is, and what there is to answer to. */
  hear(told: Told): void {
    const { type, thread = "", seq = 0, id = "", by, action, entities } = told;
    if (type === "thread" && entities?.includes(this.entity) && action !== "role") {
      if (action === "created" || action === "added") this.enter(thread);
      else this.#rooms.delete(thread);
    }
    const room = this.#rooms.get(thread);
    if (type !== "message" || room === undefined) return;
    room.seq = Math.max(room.seq, seq);
    const list = by === this.entity ? room.own : room.seen;
    if (!list.includes(id)) list.push(id);
    if (list.length > 10) list.shift();
  }

  enter(id: string): void {
    if (!this.#rooms.has(id)) this.#rooms.set(id, { id, seq: 0, own: [], seen: [] });
  }

  get(path: string): Promise<Reply> {
    return this.#call("GET", path, undefined);
  }

  /** Does one thing until it is done or refused; answers what was answered. */
  async insist(what: string, method: string, path: string, body: unknown, thread?: string): Promise<Reply | undefined> {
    const where = thread === undefined ? {} : { thread };
    for (let tries = 0; tries < 60; tries++) {
      const asked = { r: this.number(), via: this.via.name, began: Date.now() };
      const cut = asked.began < this.#hangsUpUntil && method !== "GET" ? new AbortController() : undefined;
      if (cut) setTimeout(() => cut.abort(), this.#chance.between(0, HANG_UP_MS));
      try {
        const reply = await this.#call(method, path, body, cut?.signal);
        const at = Date.now();
        this.#accept(reply, { ...asked, at });
        if (reply.status < 400) this.report({ e: "done", ...asked, at, who: this.entity, what, ...where });
        else if (reply.status >= 500 || reply.status === 429) throw new Refusal(reply);
        else this.report({ e: "refused", ...asked, at, who: this.entity, what, ...where, ...refusal(reply) });
        return reply;
      } catch (error) {
        const ids = cut?.signal.aborted ? idsOf(body) : [];
        if (thread !== undefined && ids.length > 0)
          this.report({ e: "cut", ...asked, at: Date.now(), who: this.entity, thread, ids });
        await this.fail(asked, what, 0, error);
      }
    }
    return undefined;
  }

  /** For a while, closes the connection of each write soon after it was asked for, and then asks again. */
  hangUp(ms: number): void {
    this.#hangsUpUntil = Date.now() + ms;
  }

  /** Tells why there was no answer that counts, goes to another server, and waits a moment. */
  async fail(asked: { r: number; via: string; began: number }, what: string, wait: number, error: unknown) {
    const at = Date.now();
    const why = error instanceof Error ? error.message : "unknown";
    this.report({ e: "failed", ...asked, at, who: this.entity, what, wait, why });
    if (isWrong(error))
      this.report({ e: "wrong", at, rule: "answers", who: this.entity, what: `${what}: ${why}`, r: asked.r });
    if (asked.via === this.via.name && this.#chance.happens(0.7)) this.via = this.#chance.pick(this.#crowd.ways);
    await sleep(this.#chance.between(50, 400));
  }

  /** Writes until it is told to be quiet. */
  async write(pauseMs: number): Promise<void> {
    while (!this.#quiet) {
      await sleep(this.#chance.between(0.3, 1.7) * pauseMs);
      if (this.#chance.happens(0.02)) this.via = this.#chance.pick(this.#crowd.ways);
      const rooms = [...this.#rooms.values()];
      if (rooms.length === 0) continue;
      const room = this.#chance.pick(rooms);
      if (this.#chance.happens(0.85)) await this.#say(room, this.#chance.happens(0.4) ? this.#chance.whole(2, 6) : 1);
      else await this.#act(room);
    }
  }

  /** Says nothing more; what is under way is brought to its end. */
  hush(): void {
    this.#quiet = true;
  }

  /** Says a last status. */
  async settle(): Promise<void> {
    const status = `settled ${v4()}`;
    const reply = await this.#send("presence", [{ status }], undefined);
    if (reply?.status === 200) this.report({ e: "status", at: Date.now(), who: this.entity, status });
  }

  /** Opens so many tabs for a while that the oldest polls are ended. */
  async multiply(tabs: number, ms: number): Promise<void> {
    const first = this.tabs.find((it) => it.form === "json" || it.form === "live");
    if (first === undefined) return;
    const more = Array.from({ length: tabs }, () => first.branch(`${this.entity}/+${this.number()}`));
    const all = Promise.all(more.map((tab) => tab.run()));
    await sleep(ms);
    for (const tab of more) tab.end();
    await all;
  }

  /** Asks again from where a tab stood a while ago: the same must come again. */
  async rewind(ms: number): Promise<void> {
    const first = this.tabs.find((it) => it.form === "json" || it.form === "live");
    const old = first?.branch(`${this.entity}/-${this.number()}`);
    await sleep(ms);
    if (old === undefined) return;
    const run = old.run();
    await sleep(1_500);
    old.end();
    await run;
  }

  /** Asks with cursors that cannot be continued, or are none. */
  async lie(): Promise<void> {
    const [epoch = "", n = "0"] = this.#cursor.split(".");
    await this.#probe(`${epoch}.${Number(n) + 1e12}`, (reply) => /"resync":\{"reason":"epoch"/.test(reply.text));
    await this.#probe(`AAAAAAAAAAAA.${n}`, (reply) => /"resync":\{"reason":"epoch"/.test(reply.text));
    await this.#probe("no-cursor-at-all", (reply) => reply.status === 400 && /"bad_cursor"/.test(reply.text));
  }

  async #probe(cursor: string, expected: (reply: Reply) => boolean): Promise<void> {
    const asked = { r: this.number(), via: this.via.name, began: Date.now() };
    try {
      const reply = await this.#call("GET", `stream?wait=0&cursor=${cursor}`, undefined);
      if (reply.status >= 500) throw new Refusal(reply);
      const what = `the cursor ${cursor} was answered ${reply.status} ${reply.text.slice(0, 300)}`;
      if (!expected(reply))
        this.report({ e: "wrong", at: Date.now(), rule: "cursors", who: this.entity, what, r: asked.r });
    } catch (error) {
      await this.fail(asked, "wrong cursor", 0, error);
    }
  }

  #open(name: string, form: Form): void {
    this.report({ e: "open", at: Date.now(), chain: name, who: this.entity, bare: form === "bare" });
    this.tabs.push(new Tab(this, name, this.#cursor, form, this.#chance.branch()));
  }

  async #say(room: Room, count: number): Promise<void> {
    const stanzas = Array.from({ length: count }, () => {
      const id = v4();
      const text = `${id} ${"x".repeat(this.#chance.happens(0.02) ? 4_000 : this.#chance.whole(5, 120))}`;
      return { type: "message", message: { id, thread: room.id, text } };
    });
    const body = count === 1 ? stanzas[0] : { stanzas };
    const reply = await this.insist("send", "POST", `send/${this.token}`, body, room.id);
    if (reply?.status === 404) this.#rooms.delete(room.id);
  }

  async #act({ id: thread, seq, own, seen }: Room): Promise<void> {
    const draw = this.#chance.between(0, 1);
    if (draw < 0.4)
      await this.#send("receipt", { thread, seq: this.#chance.whole(Math.max(0, seq - 2), seq + 9) }, thread);
    else if (draw < 0.5) await this.#send("state", { thread, state: "composing" }, thread);
    else if (draw < 0.6) await this.#send("presence", [{ status: `status ${v4()}` }], undefined);
    else if (draw < 0.8 && seen.length > 0)
      await this.#send("reaction", { thread, id: this.#chance.pick(seen), emoji: this.#chance.pick(EMOJI) }, thread);
    else if (own.length > 0) {
      const id = this.#chance.pick(own);
      if (draw < 0.95) await this.#send("edit", { thread, id, text: `${id} edited ${v4()}` }, thread);
      else await this.#send("retract", { thread, id }, thread);
    }
  }

  #send(type: string, payload: unknown, thread: string | undefined): Promise<Reply | undefined> {
    return this.insist(type, "POST", `send/${this.token}`, { type, [type]: payload }, thread);
  }

  #call(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<Reply> {
    const headers = { authorization: `Bearer ${this.token}` };
    const options = { method, url: `${this.via.url}/nereid-chat/${path}`, headers, body, timeoutMs: SEND_MS };
    return call(signal === undefined ? options : { ...options, signal });
  }

  /** Tells which messages an answer says were taken, also one that says that another was not. */
  #accept(reply: Reply, asked: { r: number; via: string; began: number; at: number }): void {
    const answer = v.safeParse(Results, reply.text);
    for (const result of answer.success ? answer.output.results : []) {
      const { success, output } = v.safeParse(Sent, result);
      if (success) this.report({ e: "sent", ...asked, who: this.entity, ...output });
      const read = v.safeParse(Read, result);
      if (read.success) this.report({ e: "read", ...asked, who: this.entity, ...read.output });
    }
  }
}

function refusal(reply: Reply): { status: number; code: string } {
  const code = /"code":"(\w+)"/.exec(reply.text)?.[1];
  return { status: reply.status, code: code ?? "none" };
}

/** Whether something came that must never come: what cannot be read, or a failure that is none of the store's. */
function isWrong(error: unknown): boolean {
  if (error instanceof Refusal) return ![503, 507].includes(error.reply.status);
  return error instanceof v.ValiError || error instanceof SyntaxError || /^the text of/.test(`${error}`);
}

const Text = v.object({ type: v.literal("message"), message: v.object({ id: v.string() }) });
const Body = v.union([Text, v.object({ stanzas: v.array(Text) })]);

/** The messages that a request sends. */
function idsOf(body: unknown): string[] {
  const { success, output } = v.safeParse(Body, body);
  if (!success) return [];
  return ("stanzas" in output ? output.stanzas : [output]).map((it) => it.message.id);
}

const Read = v.pipe(
  v.object({ type: v.literal("receipt"), thread: v.string(), seq: v.number() }),
  v.transform(({ type: _, ...it }) => it),
);
const Results = v.pipe(v.string(), v.parseJson(), v.object({ results: v.array(v.unknown()) }));
const Sent = v.pipe(
  v.object({
    type: v.literal("message"),
    id: v.string(),
    thread: v.string(),
    seq: v.number(),
    duplicate: v.optional(v.boolean(), false),
  }),
  v.transform(({ type: _, ...it }) => it),
);
