import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { SignJWT } from "jose";
import { v4 as uuid } from "uuid";
import * as v from "valibot";
import { SECRET } from "./site.js";

// People who use a server as people do, over plain HTTP: they hold polls, one in ten an event stream, lose their connection now and
// then, and make a new token in time. Each checks that no message is lost, doubled or out of order.

const ROOM = 10;
const WAIT_S = 25;
// One poll in so many is broken off by its client.
const BREAK = 10;
const PAUSE_MS = 1_000;
const TEXT = "What one says in a chat, at some length, so that it is worth keeping. ".repeat(3);

const Token = v.object({ token: v.string(), cursor: v.string(), expires: v.string() });
const Stanza = v.looseObject({
  type: v.string(),
  message: v.exactOptional(v.looseObject({ thread: v.string(), seq: v.number() })),
});
const Answer = v.object({ cursor: v.string(), stanzas: v.array(Stanza) });

/** What has been done so far, and what must not be: `failed` requests, and messages out of their order. */
export type Count = {
  polls: number;
  broken: number;
  sent: number;
  delivered: number;
  tokens: number;
  guests: number;
  failed: number;
  wrong: string[];
};

/** A crowd of so many people in rooms of ten, on the server at a URL. */
export class Crowd {
  readonly count: Count = { polls: 0, broken: 0, sent: 0, delivered: 0, tokens: 0, guests: 0, failed: 0, wrong: [] };
  readonly #http: Http;
  readonly #people: Person[];
  readonly #run = uuid().slice(0, 8);
  #over = false;

  constructor(url: string, size: number) {
    this.#http = new Http(url);
    this.#people = Array.from(
      { length: size },
      (_, i) => new Person(this.#http, this.count, `${this.#run},${i}`, i % 10 === 9),
    );
  }

  /** Makes the rooms, and lets everybody in, a few at a time. */
  async begin(): Promise<void> {
    for (const [i, person] of this.#people.entries()) {
      await person.renew();
      if (i % ROOM === 0) await person.post("threads", { kind: "room", id: this.#room(i), members: this.#around(i) });
      void person.follow();
    }
  }

  /** Sends `perSecond` messages to rooms, at random, and lets a guest come and go every second, until the end. */
  async talk(perSecond: number): Promise<void> {
    for (let guests = Date.now(); !this.#over; ) {
      await sleep((2_000 * Math.random()) / perSecond);
      const i = Math.floor(Math.random() * this.#people.length);
      void this.#people[i]?.say(this.#room(i));
      if (Date.now() < guests) continue;
      guests = Date.now() + PAUSE_MS;
      void this.#visit();
    }
  }

  /** Sends so many messages where nobody listens, so that what keeps the newest events is full. */
  async fill(events: number): Promise<void> {
    const thread = `quiet-${this.#run}`;
    await this.#people[0]?.post("threads", { kind: "room", id: thread, members: [] });
    for (let left = events; left > 0; left -= 20) {
      const stanzas = Array.from({ length: 20 }, () => ({ type: "message", message: { thread, text: TEXT } }));
      await this.#people[0]?.post("send", { stanzas });
    }
  }

  end(): void {
    this.#over = true;
    for (const person of this.#people) person.leave();
    this.#http.close();
  }

  /** Somebody comes by a name alone, leaves a message at a desk where nobody is, and is never seen again. */
  async #visit(): Promise<void> {
    const guest = new Person(this.#http, this.count, "", false);
    try {
      await guest.enter("A guest");
      await guest.say(undefined, [`desk,${Math.floor(Math.random() * 5)}`]);
      await guest.once();
      await guest.revoke();
      this.count.guests++;
    } catch {
      if (!this.#over) this.count.failed++;
    }
  }

  #room(i: number): string {
    return `room-${this.#run}-${Math.floor(i / ROOM)}`;
  }

  #around(i: number): string[] {
    return this.#people.slice(i, i + ROOM).map((it) => it.entity);
  }
}

class Person {
  readonly entity: string;
  readonly #http: Http;
  readonly #count: Count;
  readonly #live: boolean;
  readonly #seen = new Map<string, number>();
  #asking: AbortController | undefined;
  #left = false;
  #token = "";
  #cursor = "";
  #renewal = 0;

  constructor(http: Http, count: Count, entity: string, live: boolean) {
    this.#http = http;
    this.#count = count;
    this.entity = entity;
    this.#live = live;
  }

  /** Makes a token by a session, and keeps the cursor if there is one. */
  async renew(): Promise<void> {
    const jwt = await new SignJWT({ sub: this.entity, name: `Number ${this.entity}` })
      .setProtectedHeader({ alg: "HS256" })
      .setExpirationTime("5m")
      .sign(new TextEncoder().encode(SECRET));
    this.#hold(await this.#http.post("token", { authorization: `Bearer ${jwt}` }, {}));
  }

  async enter(displayName: string): Promise<void> {
    this.#hold(await this.#http.post("token", {}, { displayName }));
  }

  post(path: string, body: object): Promise<string> {
    return this.#http.post(path, { authorization: `Bearer ${this.#token}` }, body);
  }

  async say(thread: string | undefined, to: string[] = []): Promise<void> {
    const message = { id: uuid(), text: TEXT, ...(thread === undefined ? { to } : { thread }) };
    await this.#try(async () => {
      await this.post("send", { type: "message", message });
      this.#count.sent++;
    });
  }

  async revoke(): Promise<void> {
    await this.#http.ask("DELETE", `token/${this.#token}`, {});
  }

  /** Follows the stream until the end, whatever happens. */
  async follow(): Promise<void> {
    while (!this.#left) {
      const done = await this.#try(async () => {
        if (Date.now() > this.#renewal) await this.renew();
        await (this.#live ? this.#listen() : this.once(WAIT_S));
      });
      if (!done) await sleep(PAUSE_MS);
    }
  }

  leave(): void {
    this.#left = true;
    this.#asking?.abort();
  }

  /** Asks the stream once; now and then breaks off, and has heard nothing. */
  async once(wait = 0): Promise<void> {
    const patience = this.#patience();
    this.#count.polls++;
    try {
      const path = `stream/${this.#token}?wait=${wait}&cursor=${this.#cursor}`;
      const { cursor, stanzas } = v.parse(
        Answer,
        JSON.parse(await this.#http.ask("GET", path, {}, undefined, patience)),
      );
      for (const stanza of stanzas) this.#hear(stanza);
      this.#cursor = cursor;
    } catch (error) {
      if (!patience.aborted) throw error;
      this.#count.broken++;
    }
  }

  async #listen(): Promise<void> {
    const patience = this.#patience();
    this.#count.polls++;
    try {
      const headers = { accept: "text/event-stream" };
      const response = await this.#http.open(
        "GET",
        `stream/${this.#token}?live=1&cursor=${this.#cursor}`,
        headers,
        undefined,
        patience,
      );
      let rest = "";
      for await (const chunk of response.setEncoding("utf8")) {
        const events = (rest + chunk).split("\n\n");
        rest = events.pop() ?? "";
        for (const event of events) this.#take(event);
      }
    } catch (error) {
      if (!patience.aborted) throw error;
      this.#count.broken++;
    }
  }

  #take(event: string): void {
    const id = /^id: (.*)$/m.exec(event)?.[1];
    const data = /^data: (.*)$/m.exec(event)?.[1];
    if (data !== undefined) this.#hear(v.parse(Stanza, JSON.parse(data)));
    if (id !== undefined) this.#cursor = id;
  }

  #hear({ type, message }: v.InferOutput<typeof Stanza>): void {
    if (type === "resync" || type === "problem") this.#count.wrong.push(type);
    if (message === undefined) return;
    const { thread, seq } = message;
    const due = (this.#seen.get(thread) ?? 0) + 1;
    if (seq !== due) this.#count.wrong.push(`${this.entity} heard ${seq} and not ${due} in ${thread}`);
    this.#seen.set(thread, seq);
    this.#count.delivered++;
  }

  #hold(answer: string): void {
    const { token, cursor, expires } = v.parse(Token, JSON.parse(answer));
    this.#token = token;
    this.#cursor ||= cursor;
    // In time, and not all at once; a held poll may be in between.
    this.#renewal = Date.now() + (Date.parse(expires) - Date.now()) * (0.4 + 0.3 * Math.random());
    this.#count.tokens++;
  }

  /** Ends when somebody leaves or, now and then, loses the connection. */
  #patience(): AbortSignal {
    const asking = new AbortController();
    this.#asking = asking;
    if (Math.random() * BREAK < 1) setTimeout(() => asking.abort(), Math.random() * WAIT_S * 1_000).unref();
    return asking.signal;
  }

  async #try(action: () => Promise<void>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch {
      if (!this.#left) this.#count.failed++;
      return false;
    }
  }
}

type Headers = Record<string, string>;

/** The leanest client there is: the processor is for the server. */
class Http {
  readonly #base: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

  constructor(url: string) {
    this.#base = `${url}/nereid-chat/`;
  }

  post(path: string, headers: Headers, body: object): Promise<string> {
    return this.ask("POST", path, { ...headers, "content-type": "application/json" }, JSON.stringify(body));
  }

  async ask(method: string, path: string, headers: Headers, body?: string, signal?: AbortSignal): Promise<string> {
    const response = await this.open(method, path, headers, body, signal);
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) text += chunk;
    return text;
  }

  open(method: string, path: string, headers: Headers, body?: string, signal?: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, method, headers, ...(signal === undefined ? {} : { signal }) };
      const asking = request(this.#base + path, options, (response) => {
        const { statusCode = 0 } = response;
        if (statusCode >= 200 && statusCode < 300) return resolve(response);
        response.resume();
        reject(new Error(`Cannot go on: ${statusCode}`));
      });
      asking.on("error", reject);
      asking.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
