import * as v from "valibot";
import { ban } from "../auth/ban.js";
import type { TokenContext } from "../auth/token.js";
import { Fault } from "../fault.js";
import { SYSTEM_CALLER } from "../people/system.js";
import { retract } from "./edit.js";
import { resolve } from "./report-list.js";

/** The body of `POST reports/<id>`: what a moderator decides. */
export const Decision = v.object(
  { action: v.picklist(["accept", "retract", "ban"], "must be accept, retract or ban") },
  "must be an object",
);

const Kept = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ thread: v.string(), message: v.object({ id: v.string(), sender: v.object({ id: v.string() }) }) }),
);

/**
 * Decides on a report and resolves it: accepts the message, retracts it, or bans its author from the deployment. Interrupted, it can be called
 * again. Throws `not_found` for a report that is not open, `forbidden` for a ban of the system.
 */
export async function decide(
  chat: TokenContext,
  id: string,
  { action }: v.InferOutput<typeof Decision>,
  now: number,
): Promise<void> {
  const [kept] = await chat.store.transact(v.tuple([v.nullable(Kept)]), (batch) => batch.get(chat.keys.report(id)));
  if (kept === null) throw new Fault("not_found");
  const { thread, message } = kept;
  const { sender } = message;
  if (action === "retract") await retractAnyway(chat, { thread, id: message.id }, now);
  if (action === "ban") await ban(chat, sender.id, now);
  await resolve(chat, id);
}

/** Retracts a message in the name of the system; one that is gone already needs it no more. */
async function retractAnyway(chat: TokenContext, message: { thread: string; id: string }, now: number): Promise<void> {
  await retract(chat, SYSTEM_CALLER, message, now).catch((error) => {
    if (!(error instanceof Fault && error.status === 404)) throw error;
  });
}
