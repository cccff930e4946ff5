import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { call, type Reply } from "./call.js";
import type { Chance } from "./chance.js";
import type { Told } from "./history.js";
import { LivePath, Signs } from "./live-path.js";
import { tell } from "./telling.js";
import type { User } from "./user.js";

/** How a tab asks: in JSON, as an EventSource, as one that is held open, or by the bare URL without a cursor. */
export type Form = "json" | "frames" | "live" | "bare";

type Answer = { prev: string; cursor: string; stanzas: Told[]; more: boolean; pause: number };

// A client gives up so long after an answer is due.
const PATIENCE_MS = 15_000;
const PAGE = 100;
/** The longest that a stream of these servers is held open, in seconds. */
export const LIVE_SECONDS = 40;

/** One tab of somebody, which follows the stream as PROFILE tells plain clients to. */
export class Tab {
  readonly name: string;
  readonly user: User;
  readonly #form: Form;
  readonly #chance: Chance;
  /** The newest seq known of each thread. */
  readonly #known = new Map<string, number>();
  #cursor: string;
  #asking = new AbortController();
  #state: "follows" | "drains" | "ended" = "follows";
  readonly #path = new LivePath();
  #asleep = 0;
  #marks = 0;

  constructor(user: User, name: string, cursor: string, form: Form, chance: Chance) {
    this.user = user;
    this.name = name;
    this.#cursor = cursor;
    this.#form = form;
    this.#chance = chance;
  }

  /** Another tab that goes on from where this one stands. */
  branch(name: string): Tab {
    const mark = this.mark();
    const tab = new Tab(this.user, name, this.#cursor, "json", this.#chance.branch());
    for (const [thread, seq] of this.#known) tab.#known.set(thread, seq);
    const who = this.user.entity;
    this.user.report({ e: "open", at: Date.now(), chain: name, who, bare: false, from: mark });
    return tab;
  }

  /** Notes for the checker where this tab stands. */
  mark(): string {
    const mark = `${this.name}@${++this.#marks}`;
    this.user.report({ e: "mark", at: Date.now(), chain: this.name, mark });
    return mark;
  }

  get form(): Form {
    return this.#form;
  }

  /** Stands still for a while, as a laptop that is closed. */
  sleep(ms: number): void {
    this.#asleep = Date.now() + ms;
    this.#asking.abort();
  }

  /** Follows until it is told to drain, and then until there is nothing more. */
  async run(): Promise<void> {
    for (let empty = 0; this.#state !== "ended" && !(this.#state === "drains" && empty >= 2); ) {
      const rest = this.#asleep - Date.now();
      if (rest > 0 && this.#state === "follows") await sleep(Math.min(rest, 200));
      else empty = (await this.#ask()) === 0 ? empty + 1 : 0;
    }
  }

  drain(): void {
    this.#state = "drains";
    this.#asking.abort();
  }

  end(): void {
    this.#state = "ended";
    this.#asking.abort();
    this.user.report({ e: "close", at: Date.now(), chain: this.name });
  }

  /** Asks once; answers how many stanzas came, or nothing when there was no answer. */
  async #ask(): Promise<number | undefined> {
    const draining = this.#state === "drains";
    const wait = draining ? 0 : this.#chance.pick([0, 1, 5, 20]);
    const limit = this.#chance.happens(0.2) ? this.#chance.whole(1, 5) : 100;
    this.#asking = new AbortController();
    const asked = { r: this.user.number(), via: this.user.via.name, began: Date.now() };
    try {
      const heard = draining ? await this.#poll(asked, wait, limit) : await this.#read(asked, wait, limit);
      await sleep(this.#chance.between(20, 250));
      return heard;
    } catch (error) {
      await this.#fail(asked, this.#form === "live" ? LIVE_SECONDS : wait, error);
      return undefined;
    }
  }

  #read(asked: Asked, wait: number, limit: number): Promise<number> {
    if (this.#form === "frames") return this.#listen(asked, Math.max(wait, 1), limit);
    if (this.#form !== "live" || !this.#path.streams(asked.began)) return this.#poll(asked, wait, limit);
    return this.#follow(asked, limit);
  }

  async #poll(asked: Asked, wait: number, limit: number): Promise<number> {
    const bare = this.#form === "bare";
    const cursor = bare ? "" : `&cursor=${this.#cursor}`;
    const reply = await this.#get(`?wait=${wait}&limit=${limit}${cursor}`, wait, {});
    const answer = this.#parse(reply);
    const { pause, ...told } = answer;
    // Whoever has no cursor stands where the server says.
    this.user.report({ e: "answer", ...asked, at: Date.now(), chain: this.name, wait, limit, ...told });
    await this.#take(answer);
    if (pause > 0 && this.#chance.happens(0.5)) await sleep(pause * 1_000, undefined, { signal: this.#asking.signal });
    return answer.stanzas.length;
  }

  #parse(reply: Reply): Answer {
    if (reply.status !== 200) throw new Refusal(reply);
    const { stanzas, ...rest } = v.parse(Envelope, JSON.parse(reply.text));
    return { ...rest, stanzas: stanzas.map(tell) };
  }

  /** Reads a stream that is held open, for as long as the server likes or a little, and gives it up when it does not arrive. */
  async #follow(asked: Asked, limit: number): Promise<number> {
    const signs = new Signs(() => this.#asking.abort());
    const wait = this.#chance.happens(0.3) ? this.#chance.whole(1, 10) : LIVE_SECONDS;
    try {
      return await this.#listen(asked, wait, limit, signs);
    } finally {
      const [how, at] = [signs.end(), Date.now()];
      const isOwn = this.#asleep > at || this.#state !== "follows";
      if (!isOwn) this.#path.ended(how, at - asked.began, at);
      this.user.report({ e: "stream", at, who: this.user.entity, how: isOwn ? "left" : how });
    }
  }

  /** Takes what comes event by event, as a browser does: what was cut off is asked for again from the last one. */
  async #listen(asked: Asked, wait: number, limit: number, signs?: Signs): Promise<number> {
    const live = signs === undefined ? "" : "&live=1";
    const headers = { accept: "text/event-stream", "last-event-id": this.#cursor };
    let rest = "";
    let heard = 0;
    let rereading = Promise.resolve();
    const hear = (piece: string) => {
      const frames = (rest + piece).split("\n\n");
      rest = frames.pop() ?? "";
      for (const frame of frames) {
        signs?.see(frame);
        const answer = this.#frame(frame);
        if (answer === undefined) continue;
        heard += answer.stanzas.length;
        const { pause: _, ...told } = answer;
        // Of one answer only the end is due at a time; what each event brings is as good as an answer.
        this.user.report({ e: "answer", ...asked, at: Date.now(), chain: this.name, wait, limit: 100, ...told });
        const reread = this.#learn(answer);
        rereading = rereading.then(reread);
      }
    };
    try {
      const reply = await this.#get(`?wait=${wait}&limit=${limit}${live}`, wait, headers, hear);
      if (reply.status !== 200) throw new Refusal(reply);
    } finally {
      await rereading;
    }
    return heard;
  }

  #frame(frame: string): Answer | undefined {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(frame)?.[1];
    const [event, id, data] = [field("event"), field("id"), field("data")];
    if (event === "problem") throw new Refusal({ ...v.parse(Problem, data), text: data ?? "", retryAfter: 1 });
    if (id === undefined) return undefined;
    const stanzas = data === undefined ? [] : [tell(JSON.parse(data))];
    return { prev: this.#cursor, cursor: id, stanzas, more: true, pause: 0 };
  }

  #get(query: string, wait: number, headers: Record<string, string>, hear?: (piece: string) => void): Promise<Reply> {
    const url = `${this.user.via.url}/nereid-chat/stream/${this.user.token}${query}`;
    const asking = { method: "GET", url, headers, timeoutMs: wait * 1_000 + PATIENCE_MS, signal: this.#asking.signal };
    return call(hear === undefined ? asking : { ...asking, hear });
  }

  #take(answer: Answer): Promise<void> {
    return this.#learn(answer)();
  }

  /** Notes what an answer says; returns what reads again the threads that it names. */
  #learn(answer: Answer): () => Promise<void> {
    this.#cursor = answer.cursor;
    // What was known of another epoch says nothing of this one.
    if (answer.stanzas.some((it) => it.reason === "epoch")) this.#known.clear();
    const known = new Map(this.#known);
    for (const told of answer.stanzas) {
      if (told.type === "message") this.#known.set(told.thread ?? "", told.seq ?? 0);
      this.user.hear(told);
    }
    return async () => {
      for (const { threads = [] } of answer.stanzas) {
        for (const { id } of threads) await this.#reread(id, known.get(id));
      }
    };
  }

  /** Reads the history of a thread that a resync named: everything after what was known, or the newest page. */
  async #reread(thread: string, known: number | undefined): Promise<void> {
    let after = known;
    for (let last = Number.POSITIVE_INFINITY; (after ?? 0) < last && this.#state !== "ended"; ) {
      const asked = { r: this.user.number(), via: this.user.via.name, began: Date.now() };
      const from = after === undefined ? "" : `&after=${after}`;
      try {
        const reply = await this.user.get(`threads/${thread}/messages?limit=${PAGE}${from}`);
        if (reply.status !== 200 && reply.status !== 404) throw new Refusal(reply);
        const place = after === undefined ? {} : { after };
        const page = { e: "page" as const, ...asked, at: Date.now(), chain: this.name, thread, ...place };
        if (reply.status === 404) return this.user.report(page);
        const kept = v.parse(Page, JSON.parse(reply.text));
        this.user.report({ ...page, ...kept });
        last = kept.last;
        after = kept.messages.at(-1)?.seq ?? last;
        this.#known.set(thread, Math.max(after, this.#known.get(thread) ?? 0));
      } catch (error) {
        await this.#fail(asked, 0, error);
      }
    }
  }

  async #fail(asked: Asked, wait: number, error: unknown): Promise<void> {
    if (this.#asking.signal.aborted && !(error instanceof Refusal)) {
      if (this.#form === "bare") this.#lose();
      return;
    }
    if (this.#form === "bare") this.#lose();
    await this.user.fail(asked, "poll", wait, error);
  }

  #lose(): void {
    this.user.report({ e: "lost", at: Date.now(), chain: this.name });
  }
}

type Asked = { r: number; via: string; began: number };

/** An answer that is no success. */
export class Refusal extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`${reply.status} ${reply.text.slice(0, 200)}`);
    this.reply = reply;
  }
}

const Envelope = v.pipe(
  v.strictObject({
    timestamp: v.string(),
    prev: v.string(),
    cursor: v.string(),
    stanzas: v.array(v.unknown()),
    more: v.exactOptional(v.boolean(), false),
    pause: v.exactOptional(v.number(), 0),
    hold: v.exactOptional(v.number()),
  }),
  v.transform(({ prev, cursor, stanzas, more, pause }) => ({ prev, cursor, stanzas, more, pause })),
);

const Problem = v.pipe(v.string(), v.parseJson(), v.object({ status: v.number() }));

export const Page = v.object({
  messages: v.array(v.object({ seq: v.number(), id: v.string() })),
  first: v.number(),
  last: v.number(),
});
