import * as v from "valibot";
import type { Draft } from "../config.js";
import { Fault } from "../fault.js";
import type { Caller } from "../people/caller.js";
import { withoutOwned } from "../schema/extension.js";
import { content } from "../schema/message-content.js";

/** Asks whether a message is accepted. Returns what takes its place, if anything does; throws `refused`, `unavailable`. */
export type Ask = (draft: Draft) => Promise<Record<string, unknown> | undefined>;

// Which message it is, and where it goes, is not the hook's to say.
const NOT_CONTENT = ["id", "thread", "to", "replyTo"];

const Content = v.pipe(
  v.looseObject(content),
  v.transform((it) => {
    for (const name of NOT_CONTENT) Reflect.deleteProperty(it, name);
    return withoutOwned(it);
  }),
);

/** Returns the content that the host wants in the place of a message's, undefined for none. Throws `refused`, `unavailable`, `internal`. */
export async function replacement(ask: Ask | undefined, caller: Caller, draft: Omit<Draft, "sender">) {
  const instead = await ask?.({ ...draft, sender: { ...caller.actor } });
  if (instead === undefined) return undefined;
  const parsed = v.safeParse(Content, instead);
  if (parsed.success) return parsed.output;
  const [{ message: why }] = parsed.issues;
  throw new Fault("internal", { cause: new Error(`The hook returned no message: ${why}`) });
}
