import { attention } from "./environment/attention.js";
import { noShelf, type Shelf, shelf } from "./environment/text-store.js";
import type { Stream } from "./follow/stream.js";
import { Tabs } from "./tabs/tabs.js";

/** What the page of a browser has and other places have not. */
export type Page = ReturnType<typeof page>;

/** Finds what this page has. Whatever is not there, or not wanted, is done without. */
export function page(base: string, wanted: { persist: boolean | undefined; share: boolean | undefined }) {
  const canShare = wanted.share && navigator.locks !== undefined && typeof BroadcastChannel !== "undefined";
  return {
    attention,
    /** Where something of a user is kept, or of nobody in particular. */
    shelfOf: (entity: string): Shelf => (wanted.persist ? shelf(`nereid-chat ${base} ${entity} `) : noShelf),
    /** Follows together with the other tabs of the same name; undefined where this tab has to follow by itself. */
    share: (name: string, stream: Stream): Tabs | undefined => (canShare ? new Tabs(name, stream) : undefined),
  };
}
