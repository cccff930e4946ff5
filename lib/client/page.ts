import { attention } from "./environment/attention.js";
import { browserStore, noStore, type TextStore } from "./environment/text-store.js";
import type { Stream } from "./follow/stream.js";
import { Tabs } from "./tabs/tabs.js";

/** The parts of the client that need a browser page. */
export type Page = ReturnType<typeof page>;

/** Returns what this page supports; what is unsupported or not wanted is left out. */
export function page(base: string, wanted: { persist: boolean | undefined; share: boolean | undefined }) {
  const canShare = wanted.share && navigator.locks !== undefined && typeof BroadcastChannel !== "undefined";
  return {
    attention,
    /** The text store of an entity; that of "" is for all of them. */
    storeOf: (entity: string): TextStore => (wanted.persist ? browserStore(`nereid-chat ${base} ${entity} `) : noStore),
    /** Shares the stream with the other tabs of the same name; undefined where this tab has to poll by itself. */
    share: (name: string, stream: Stream): Tabs | undefined => (canShare ? new Tabs(name, stream) : undefined),
  };
}
