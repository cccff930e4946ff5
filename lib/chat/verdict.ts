import * as v from "valibot";
import type { Draft } from "../config.js";
import type { Caller } from "../people/caller.js";
import { withoutOwned } from "../schema/extension.js";
import { content } from "../schema/message-content.js";

/** Asks whether a message is accepted. Returns what takes its place, if anything does; throws `refused`, `unavailable`. */
export type Ask = (draft: Draft) => Promise<v.InferOutput<typeof Replacement> | undefined>;

// Which message it is, and where it goes, is not the hook's to say.
const NOT_CONTENT = ["id", "thread", "to", "replyTo"];

/** What takes the place of a message's content: as its sender would send it, without what is not the hook's to say. */
export const Replacement = v.pipe(
  v.looseObject(content),
  v.transform((it) => {
    for (const name of NOT_CONTENT) Reflect.deleteProperty(it, name);
    return withoutOwned(it);
  }),
);

/** Returns the content that the host wants in the place of a message's, undefined for none. Throws `refused`, `unavailable`. */
export async function replacement(ask: Ask | undefined, caller: Caller, draft: Omit<Draft, "sender">) {
  return ask?.({ ...draft, sender: { ...caller.actor } });
}
