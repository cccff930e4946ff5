import { v4 as uuid } from "uuid";
import { Fault } from "../fault.js";
import type { Caller } from "../people/caller.js";
import type { Message } from "../schema/stanza.js";
import { encode } from "../store/keys.js";
import { type Draft, done, post, type Sent } from "./append.js";
import { checkFirst, checkSize, fingerprint, polish } from "./content.js";
import type { Chat } from "./thread.js";
import * as thread from "./thread.js";

/**
 * Sends a message, or answers again for one that was already sent. Finds or makes the thread when the message names people instead.
 * Throws `thread_not_found`, `cannot_send`, `id_conflict`, `no_recipient`, `not_a_contact`, `message_not_found`, `invalid`, `too_large`.
 */
export async function send(chat: Chat, caller: Caller, message: Message, now: number): Promise<Sent> {
  const draft = await compose(caller, message, now);
  if (message.thread !== undefined) return sendTo(chat, caller, message.thread, message.to, draft, now);
  if (message.to === undefined) throw new Fault("no_recipient");
  return (
    (await sendDirect(chat, caller, message.to, draft, now)) ??
    (await sendDirect(chat, caller, message.to, draft, now)) ??
    lost()
  );
}

async function sendDirect(
  chat: Chat,
  caller: Caller,
  to: string[],
  draft: Draft,
  now: number,
): Promise<Sent | undefined> {
  const { id, made } = await thread.direct(chat, caller, to, now, opening(caller, to, draft));
  if (made) return done(chat, 1, id, draft);
  const sent = await post(chat, caller, id, draft, now);
  if (sent === undefined) chat.directs.clear();
  return sent;
}

async function sendTo(
  chat: Chat,
  caller: Caller,
  id: string,
  to: string[] | undefined,
  draft: Draft,
  now: number,
): Promise<Sent> {
  const sent = await post(chat, caller, id, draft, now);
  if (sent !== undefined) return sent;
  if (to === undefined) return lost();
  try {
    await thread.room(chat, caller, { id, members: to }, now, opening(caller, to, draft));
    return await done(chat, 1, id, draft);
  } catch (error) {
    // Somebody else's, or just made by another request of this sender's: a second attempt tells.
    if (!(error instanceof Fault && error.code === "thread_conflict")) throw error;
    return (await post(chat, caller, id, draft, now)) ?? lost();
  }
}

/** Writes a draft as the first message of a thread of the caller and others. */
function opening(caller: Caller, to: string[], draft: Draft): (thread: string) => thread.First {
  return (id) => {
    checkFirst(draft.references, [caller.actor.id, ...to]);
    return draft.inThread(id);
  };
}

function lost(): never {
  throw new Fault("thread_not_found");
}

async function compose(caller: Caller, message: Message, now: number): Promise<Draft> {
  const content = await polish(message.content);
  const id = message.id ?? uuid();
  const timestamp = new Date(now).toISOString();
  const said = fingerprint(content);
  const fields = { ...content, id, timestamp, sender: caller.actor };
  const stamp = `${timestamp} ${encode(caller.actor.id)} ${said}`;
  const inThread = (to: string) => ({ id: id.toLowerCase(), stamp, ...around({ thread: to, ...fields }) });
  return { id, fingerprint: said, timestamp, references: content, inThread };
}

// The seq is put in by the script that counts, and looks again: its name and at least one digit.
const SEQ_BYTES = '"seq":,'.length + 1;

/** Writes a message as JSON, before and after its seq. */
function around(message: object): { head: string; tail: string } {
  const rest = checkSize(JSON.stringify(message), SEQ_BYTES);
  return { head: '{"seq":', tail: `,${rest.slice(1)}` };
}
