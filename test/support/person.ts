import { randomBytes } from "node:crypto";
import { send } from "../../lib/chat/send.js";
import type { ChatContext } from "../../lib/http/chat-context.js";
import { begin } from "../../lib/log/clock.js";
import type { Cursor } from "../../lib/log/cursor.js";
import type { Caller } from "../../lib/people/caller.js";
import { follow } from "../../lib/stream/follow.js";

export type Stanza = { type: string; [payload: string]: unknown };

/** A user who calls the domain functions directly, with a cursor of their own. */
export class Person {
  readonly chat: ChatContext;
  readonly caller: Caller;
  at: Cursor | undefined;

  constructor(chat: ChatContext, id = `user,${randomBytes(6).toString("hex")}`) {
    this.chat = chat;
    this.caller = { actor: { id, objectType: "person" }, sha: `sha-${id}`, expires: Date.now() + 3_600_000 };
  }

  get id(): string {
    return this.caller.actor.id;
  }

  /** Takes the present for the beginning of the stream. */
  async begin(): Promise<this> {
    const { epoch, n } = await begin(this.chat, Date.now());
    this.at = { epoch, n };
    return this;
  }

  /** Sends one stanza and returns its result. */
  async send(type: string, payload: object, now = Date.now()): Promise<unknown> {
    const { results } = await send(this.chat, this.caller, [{ type, [type]: payload }], now);
    return results[0];
  }

  /** Reads the stream on, without presence: all there is or, with a wait, until something comes. */
  async hear(wait = 0): Promise<Stanza[]> {
    return (await this.follow(wait)).filter((it) => it.type !== "presence");
  }

  /** Reads the stream on, and returns the presence in it. */
  async see(): Promise<unknown[]> {
    return (await this.follow(0)).filter((it) => it.type === "presence").flatMap((it) => it.presence);
  }

  /** Reads the stream on from where it was left: all there is or, with a wait, until something but presence comes. */
  async follow(wait: number): Promise<Stanza[]> {
    const heard: Stanza[] = [];
    for (;;) {
      const question = { cursor: this.at, wait, limit: 100, remember: false };
      const answer = await follow(this.chat, this.caller, question, new AbortController().signal);
      this.at = answer.cursor;
      const stanzas = answer.stanzas.map(({ body }): Stanza => JSON.parse(body));
      heard.push(...stanzas);
      if (stanzas.length === 0 || (wait > 0 && stanzas.some((it) => it.type !== "presence"))) return heard;
    }
  }
}
