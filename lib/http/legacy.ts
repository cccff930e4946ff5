import * as v from "valibot";
import * as message from "../chat/message.js";
import { type Chat, direct } from "../chat/thread.js";
import { thread } from "../chat/thread-view.js";
import { Fault } from "../fault.js";
import type { Caller } from "../people/caller.js";
import { type Actor, Entity } from "../schema/actor.js";
import { ThreadId } from "../schema/field.js";
import { parse } from "../schema/parse.js";
import { Message } from "../schema/stanza.js";

// The URLs of the first implementation, kept for its clients (PROFILE §7).

/** The body of `POST start-session`: the other user. */
export const SessionStart = v.looseObject({ user: Entity }, "must be a form");

/** Finds or creates the direct thread with a user, and returns it in the format of the first implementation. */
export async function startSession(
  chat: Chat,
  caller: Caller,
  user: string,
  now: number,
): Promise<{ success: true; thread_id: string; members: Actor[] }> {
  if (user === caller.actor.id) throw new Fault("forbidden", { detail: "user must be another user than yourself" });
  const { id } = await direct(chat, caller, [user], now);
  const { members } = await thread(chat, caller, id);
  return {
    success: true,
    thread_id: id,
    members: members.map(({ entity, actor }) => actor ?? { id: entity, objectType: "person" }),
  };
}

/** The body of `POST send-message`. */
export const Sending = v.looseObject(
  {
    thread_id: v.pipe(v.string("must be a string"), v.minLength(1, "must not be empty")),
    message: v.string("must be a string"),
    type: v.exactOptional(v.string("must be a string")),
  },
  "must be a form",
);

/** Sends a text to a thread, and returns the result in the format of the first implementation. Throws as `send` does. */
export async function sendMessage(
  chat: Chat,
  caller: Caller,
  sending: v.InferOutput<typeof Sending>,
  now: number,
): Promise<{ success: true; UUID: string }> {
  const { thread_id, message: text, type } = sending;
  if (!v.is(ThreadId, thread_id)) throw new Fault("thread_not_found");
  const draft = parse(Message, { thread: thread_id, text, ...(type ? { type } : {}) });
  const sent = await message.send(chat, caller, draft, now);
  return { success: true, UUID: sent.id };
}
