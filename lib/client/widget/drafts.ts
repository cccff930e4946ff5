import type { TextStore } from "../environment/text-store.js";
import type { Entry } from "../view/entry.js";

/** The message that the input of a thread edits, with the text so far, or replies to. */
export type Regarding = { editing: Entry; text: string; replyingTo?: never } | { replyingTo: Entry; editing?: never };

// Unsent texts that are kept for a user, the latest ones. All together fit into what a browser stores for a site many times.
const DRAFTS_MAX = 50;
// Longer than any message that the deployment accepts.
const TEXT_MAX = 20_000;

/** One user's unsent texts by thread, which survive a reload. Each is stored by itself: tabs do not overwrite the drafts of each other. */
export class Drafts {
  readonly #store: TextStore;
  /** What was typed in this page, which lasts where nothing can be stored. */
  readonly #texts = new Map<string, string>();
  /** What the input of each thread regards, while another one is shown. Lasts as long as the page. */
  readonly regarding = new Map<string, Regarding>();

  constructor(store: TextStore) {
    this.#store = store;
  }

  get(thread: string): string {
    return this.#texts.get(thread) ?? this.#store.get(nameOf(thread)) ?? "";
  }

  /** Stores the draft of a thread; an empty one is removed. */
  set(thread: string, text: string): void {
    if (text === this.get(thread)) return;
    this.#keep(thread, text.slice(0, TEXT_MAX));
    const before = parse(this.#store.get("drafts"));
    const others = before.filter((it) => it !== thread);
    const all = text === "" ? others : [...others, thread];
    for (const oldest of all.slice(0, -DRAFTS_MAX)) this.#keep(oldest, "");
    if (all.join() !== before.join()) this.#store.set("drafts", JSON.stringify(all.slice(-DRAFTS_MAX)));
  }

  /** Adds a text that could not be sent to the draft of its thread, as a line of its own. */
  add(thread: string, text: string): void {
    this.set(thread, [this.get(thread), text].filter(Boolean).join("\n"));
  }

  /** Calls `changed` when the draft of a thread was changed in another tab; returns a function that ends that. */
  watch(changed: (thread: string) => void): () => void {
    return this.#store.watch((name, text) => {
      const thread = /^draft (.*)$/.exec(name)?.[1];
      // The store has it already, and only the page does not know it.
      if (thread === undefined || text === this.#texts.get(thread)) return;
      this.#keep(thread, text);
      changed(thread);
    });
  }

  #keep(thread: string, text: string): void {
    this.#texts.set(thread, text);
    this.#store.set(nameOf(thread), text);
  }
}

function nameOf(thread: string): string {
  return `draft ${thread}`;
}

/** Returns the threads that have a draft, the one that was changed last at the end. */
function parse(text: string | undefined): string[] {
  try {
    const stored: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(stored) ? stored.filter((it) => typeof it === "string") : [];
  } catch {
    return [];
  }
}
