import { isPassing } from "../protocol/problem.js";
import type { Actor } from "../protocol/stanza.js";
import type { Inbox } from "./inbox.js";

// Several users may join at once; one request serves all of them.
const DELAY_MS = 50;
// Users per request: the most that the deployment describes.
const LIMIT = 100;

/** Finds the descriptions of users whom the inbox shows, but does not know: new members, and whoever reacts or types, are told only by their entity. */
export class Newcomers {
  readonly #find: (ids: string[]) => Promise<Actor[]>;
  readonly #found: (actors: Actor[]) => void;
  readonly #failed: () => void;
  /** Users who were asked for; some have no description until they log in. */
  readonly #asked = new Set<string>();
  #conversations: Inbox["conversations"] | undefined;
  #waiting = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Calls `failed` when they should be asked for again, by `retry()`. */
  constructor(find: (ids: string[]) => Promise<Actor[]>, found: (actors: Actor[]) => void, failed: () => void) {
    this.#find = find;
    this.#found = found;
    this.#failed = failed;
  }

  /** Asks for the unknown users of the conversations that have changed: members, typing users, and those who have reacted. */
  look({ conversations, actors }: Inbox): void {
    const before = this.#conversations;
    if (before === conversations) return;
    this.#conversations = conversations;
    for (const [id, { thread, typing, entries }] of conversations) {
      const known = before?.get(id);
      if (known?.thread.members === thread.members && known.typing === typing && known.entries === entries) continue;
      const reactors = entries.flatMap(({ reactions = {} }) => Object.values(reactions).flat());
      for (const entity of [...thread.members.map((member) => member.entity), ...typing.keys(), ...reactors]) {
        if (!actors.has(entity) && !this.#asked.has(entity)) this.#waiting.add(entity);
      }
    }
    if (this.#waiting.size > 0) this.#timer ??= setTimeout(() => this.#ask(), DELAY_MS);
  }

  /** Asks again for those who were not found. */
  retry(inbox: Inbox): void {
    this.#asked.clear();
    this.#conversations = undefined;
    this.look(inbox);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    const ids = [...this.#waiting].slice(0, LIMIT);
    for (const id of ids) {
      this.#waiting.delete(id);
      this.#asked.add(id);
    }
    try {
      this.#found(await this.#find(ids));
    } catch (error) {
      for (const id of ids) this.#asked.delete(id);
      if (isPassing(error)) this.#failed();
    }
    this.#timer = this.#waiting.size > 0 ? setTimeout(() => this.#ask(), DELAY_MS) : undefined;
  }
}
