import { JSON_TYPE } from "../http/request.js";
import type { Actor, Message } from "../protocol/stanza.js";

/** A report, with the message as it was. */
export type Report = { id: string; timestamp: string; by: string; thread: string; reason?: string; message: Message };

export type Room = {
  id: string;
  subject?: string;
  seq: number;
  updated: string;
  memberCount: number;
  slow?: number;
  last?: Partial<Message>;
};

export type Person = { entity: string; actor?: Actor; threads: number; banned: boolean };

export type Counters = { reports: number; bans: number };

/** What the chat refuses, by the code and the words of its problem. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The chat as a moderator sees it: by the session that the browser has, or by a token that is in the memory of this page only. */
export class Staff {
  readonly #base: string;
  #token: string | undefined;
  #reports = "reports";

  /** `base` is the URL of the chat, with a slash at its end. */
  constructor(base: string) {
    this.#base = base;
  }

  /** Goes on with a token: a service credential, or the JWT of a moderator's session. Rejects if it is none of them. */
  async enter(token: string): Promise<void> {
    this.#token = token;
    await this.counters();
    this.#reports = await this.#ask("GET", "server/reports").then(
      () => "server/reports",
      () => "reports",
    );
  }

  counters(): Promise<Counters> {
    return this.#ask("GET", "moderation");
  }

  reports(after?: string): Promise<{ reports: Report[]; more?: true }> {
    return this.#ask("GET", this.#reports, { after });
  }

  async decide(report: string, action: "accept" | "retract" | "ban"): Promise<void> {
    await this.#ask("POST", `${this.#reports}/${report}`, {}, { action });
  }

  rooms(before?: string): Promise<{ rooms: Room[]; before?: string }> {
    return this.#ask("GET", "moderation/rooms", { before });
  }

  async slow(room: string, seconds: number): Promise<void> {
    await this.#ask("PATCH", `moderation/rooms/${encodeURIComponent(room)}`, {}, { slow: seconds });
  }

  async deleteRoom(room: string): Promise<void> {
    await this.#ask("DELETE", `moderation/rooms/${encodeURIComponent(room)}`);
  }

  person(entity: string): Promise<Person> {
    return this.#ask("GET", "moderation/people", { entity });
  }

  bans(after?: string): Promise<{ bans: string[]; more?: true }> {
    return this.#ask("GET", "moderation/bans", { after });
  }

  async ban(entity: string): Promise<void> {
    await this.#ask("POST", "moderation/bans", {}, { entity });
  }

  async unban(entity: string): Promise<void> {
    await this.#ask("DELETE", "moderation/bans", { entity });
  }

  async #ask(method: string, path: string, query: Record<string, string | undefined> = {}, body?: object) {
    const url = new URL(path, this.#base);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const headers = {
      ...(this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` }),
      ...(method === "GET" ? {} : JSON_TYPE),
    };
    const credentials = this.#token === undefined ? "same-origin" : "omit";
    const response = await fetch(url, {
      ...{ method, headers, credentials },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch(() => {
      throw new Refusal("unreachable", "Cannot reach the chat.");
    });
    const answer = response.status === 204 ? undefined : await response.json().catch(() => undefined);
    if (response.ok) return answer;
    throw new Refusal(`${answer?.code ?? "other"}`, `${answer?.detail ?? `The chat answered ${response.status}.`}`);
  }
}
