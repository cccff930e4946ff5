import type { TextStore } from "../environment/text-store.js";

// Unsent texts that are kept for a user, the latest ones. All together fit into what a browser stores for a site many times.
const DRAFTS_MAX = 50;
// Longer than any message that the deployment accepts.
const TEXT_MAX = 20_000;

/** One user's unsent texts by thread, which survive a reload. */
export class Drafts {
  readonly #store: TextStore;
  readonly #texts: Map<string, string>;

  constructor(store: TextStore) {
    this.#store = store;
    this.#texts = new Map(parse(this.#store.get("drafts")));
  }

  get(thread: string): string {
    return this.#texts.get(thread) ?? "";
  }

  /** Stores the draft of a thread; an empty one is removed. */
  set(thread: string, text: string): void {
    if (!this.#texts.delete(thread) && text === "") return;
    if (text !== "") this.#texts.set(thread, text.slice(0, TEXT_MAX));
    for (const oldest of [...this.#texts.keys()].slice(0, -DRAFTS_MAX)) this.#texts.delete(oldest);
    this.#store.set("drafts", JSON.stringify([...this.#texts]));
  }
}

function parse(text: string | undefined): [string, string][] {
  try {
    const stored: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(stored) ? stored.filter(isDraft) : [];
  } catch {
    return [];
  }
}

function isDraft(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((it) => typeof it === "string");
}
