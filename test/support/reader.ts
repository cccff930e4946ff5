import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import type { Reply, Site } from "./site.js";

export type Token = Awaited<ReturnType<Site["token"]>>;

const Said = v.object({ thread: v.string(), id: v.string(), seq: v.number() });
const Stanza = v.looseObject({
  type: v.string(),
  message: v.exactOptional(v.looseObject({ thread: v.string(), seq: v.number(), text: v.string() })),
  thread: v.exactOptional(v.looseObject({ id: v.string(), action: v.string() })),
});
const Answer = v.object({ cursor: v.string(), stanzas: v.array(Stanza) });
const Results = v.object({ results: v.tuple([Said]) });

/** Makes a token for somebody whom no other test knows. */
export function somebody(server: Site, name: string): Promise<Token> {
  return server.token(`${name},${randomBytes(6).toString("hex")}`);
}

/** Sends a message, and checks that it was taken. */
export async function say(server: Site, who: Token, message: object): Promise<v.InferOutput<typeof Said>> {
  const reply = await server.call("POST", `send/${who.token}`, { body: { type: "message", message } });
  if (reply.status !== 200) throw new Error(`Cannot send: ${reply.status} ${reply.text}`);
  return v.parse(Results, reply.json).results[0];
}

/** Reads a stream over HTTP, keeping its cursor, on whatever server it is told to ask. */
export class Reader {
  readonly who: Token;
  cursor: string;
  /** What has been told, in order: the texts of messages, the actions in threads. */
  readonly told: string[] = [];

  constructor(who: Token) {
    this.who = who;
    this.cursor = who.cursor;
  }

  /** Asks once; answers what came, or the refusal. */
  async ask(server: Site, wait: number): Promise<Reply> {
    const reply = await server.call("GET", `stream/${this.who.token}?wait=${wait}&cursor=${this.cursor}`);
    if (reply.status === 200) this.#take(reply);
    return reply;
  }

  /** Asks again and again, whatever goes wrong, until it has been told something. */
  async until(server: () => Site, what: (told: string[]) => boolean, ms: number): Promise<void> {
    const end = Date.now() + ms;
    while (!what(this.told)) {
      if (Date.now() > end) throw new Error(`Was told only ${this.told}`);
      const reply = await this.ask(server(), 2).catch(() => undefined);
      if (reply?.status !== 200) await sleep(50);
    }
  }

  #take(reply: Reply): void {
    const { cursor, stanzas } = v.parse(Answer, reply.json);
    this.cursor = cursor;
    for (const { type, message, thread } of stanzas) {
      if (type !== "presence") this.told.push(message?.text ?? thread?.action ?? type);
    }
  }
}
