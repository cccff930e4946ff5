import { Fault } from "../fault.js";
import type { Caller } from "../people/caller.js";
import type { NewThread } from "../schema/stanza.js";
import { type Chat, make } from "./thread.js";
import { headers, type Thread, thread } from "./thread-view.js";

/**
 * Finds or creates a thread, and reads it. A room with an id that this caller owns already is found: it was created by an earlier attempt of the
 * same request. Throws as `make` does.
 */
export async function makeOnce(
  chat: Chat,
  caller: Caller,
  request: NewThread,
  now: number,
): Promise<{ made: boolean; thread: Thread }> {
  try {
    const { id, made } = await make(chat, caller, request, now);
    return { made, thread: await thread(chat, caller, id) };
  } catch (error) {
    if (!(error instanceof Fault && error.code === "thread_conflict") || request.id === undefined) throw error;
    const found = await ownRoom(chat, caller, request.id);
    if (found === undefined) throw error;
    return { made: false, thread: found };
  }
}

async function ownRoom(chat: Chat, caller: Caller, id: string): Promise<Thread | undefined> {
  const [header] = await headers(chat, caller, [id]);
  if (header === undefined) return undefined;
  const found = await thread(chat, caller, id);
  const owns = found.members.some(({ entity, role }) => entity === caller.actor.id && role === "owner");
  return owns ? found : undefined;
}
