import type { Draft } from "../protocol/stanza.js";
import type { Regarding } from "./drafts.js";

/** Returns a message to send, without those of its parts that are empty; as a reply, if it regards another one. */
export function draftOf(parts: Draft, regarding?: Regarding): Draft {
  const isEmpty = (it: unknown) => it === undefined || it === "" || (Array.isArray(it) && it.length === 0);
  const all = Object.entries({ replyTo: regarding?.replyingTo?.id, ...parts });
  return Object.fromEntries(all.filter(([, it]) => !isEmpty(it)));
}
