import { v4 as uuid } from "uuid";
import { Fault } from "../fault.js";
import type { Caller } from "../people/caller.js";
import type { Message } from "../schema/stanza.js";
import { encode } from "../store/keys.js";
import { appended, type Draft, duplicateOf, post, type Sent } from "./append.js";
import { checkFirst, checkNotEmpty, checkSize, fingerprint, sanitizeContent } from "./content.js";
import { filesOf } from "./file-record.js";
import type { FirstMessage } from "./open-thread.js";
import type { Chat } from "./thread.js";
import * as thread from "./thread.js";
import { replacement } from "./verdict.js";

/**
 * Sends a message, or returns the result of one that was already sent. If the message names users instead of a thread, finds or creates it.
 * Throws `thread_not_found`, `thread_conflict`, `cannot_send`, `id_conflict`, `no_recipient`, `not_a_contact`, `forbidden`, `rate_limited`,
 * `slow_mode`, `message_not_found`, `invalid`, `too_large`, and what the host says of it: `refused`, `unavailable`.
 */
export async function send(chat: Chat, caller: Caller, message: Message, now: number): Promise<Sent> {
  const draft = await createDraft(chat, caller, message, now);
  if (!("inThread" in draft)) return draft;
  if (message.thread !== undefined) return sendTo(chat, caller, message.thread, message.to, draft, now);
  if (message.to === undefined) throw new Fault("no_recipient");
  return (
    (await sendDirect(chat, caller, message.to, draft, now)) ??
    (await sendDirect(chat, caller, message.to, draft, now)) ??
    threadNotFound()
  );
}

async function sendDirect(
  chat: Chat,
  caller: Caller,
  to: string[],
  draft: Draft,
  now: number,
): Promise<Sent | undefined> {
  const { id, made } = await thread.direct(chat, caller, to, now, firstMessage(caller, to, draft));
  if (made) return appended(chat, 1, id, draft);
  // A thread that this instance remembers may be gone, or one of its members erased.
  const sent = await post(chat, caller, id, draft, now, to).catch((error) => {
    if (error instanceof Fault && error.code === "thread_conflict") return undefined;
    throw error;
  });
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
  const sent = await post(chat, caller, id, draft, now, to);
  if (sent !== undefined) return sent;
  if (to === undefined) return threadNotFound();
  try {
    await thread.room(chat, caller, { id, members: to }, now, firstMessage(caller, to, draft));
    return await appended(chat, 1, id, draft);
  } catch (error) {
    // The thread is another user's, or was just created by another request of this caller: a second attempt finds out.
    if (!(error instanceof Fault && error.code === "thread_conflict")) throw error;
    return (await post(chat, caller, id, draft, now, to)) ?? threadNotFound();
  }
}

/** Returns a draft as the first message of a thread with the caller and others. */
function firstMessage(caller: Caller, to: string[], draft: Draft): (thread: string) => Promise<FirstMessage> {
  return async (id) => {
    checkFirst(draft.references, [caller.actor.id, ...to]);
    return draft.inThread(id);
  };
}

function threadNotFound(): never {
  throw new Fault("thread_not_found");
}

/** Asks the host, if it wants to be asked, and creates the draft; or returns the result of a message that was accepted before, whatever is said of it now. */
async function createDraft(chat: Chat, caller: Caller, message: Message, now: number): Promise<Draft | Sent> {
  const asked = await sanitizeContent(message.content);
  checkNotEmpty("message", asked);
  const id = message.id ?? uuid();
  const hash = fingerprint(asked);
  try {
    // Few messages carry files, so a cold start does not load what looks at them.
    const hasFiles = asked.attachments.some(({ file }) => file !== undefined);
    const given = hasFiles
      ? await (await import("./attached-file.js")).withFiles(chat, caller.actor.id, "message", id, asked)
      : asked;
    const content = await asHostWants(chat, caller, { ...message, id, content: given });
    return formatDraft(chat, caller, id, content, hash, now);
  } catch (error) {
    const place = error instanceof Fault ? (message.thread ?? (await directOf(chat, caller, message.to))) : undefined;
    if (place === undefined) throw error;
    return (await duplicateOf(chat, caller, place, id, hash)) ?? Promise.reject(error);
  }
}

/** Returns the direct thread of a caller and others, if there is one. */
async function directOf(chat: Chat, { actor }: Caller, to: readonly string[] | undefined): Promise<string | undefined> {
  if (to === undefined) return undefined;
  return thread.findDirect(chat, [...new Set([actor.id, ...to])]).catch(() => undefined);
}

async function asHostWants(chat: Chat, caller: Caller, { id, thread, to, content }: Message & { id: string }) {
  const place = { ...(thread === undefined ? {} : { thread }), ...(to === undefined ? {} : { to }) };
  const instead = await replacement(chat.ask, caller, { message: { ...content, id, ...place }, thread, edit: false });
  if (instead === undefined) return content;
  const { replyTo } = content;
  const changed = await sanitizeContent({ ...instead, ...(replyTo === undefined ? {} : { replyTo }) });
  checkNotEmpty("message", changed);
  return changed;
}

/** The fingerprint is that of the message as it was sent, so that it is known again when it is sent again. */
function formatDraft(
  chat: Chat,
  caller: Caller,
  id: string,
  content: Message["content"],
  hash: string,
  now: number,
): Draft {
  const timestamp = new Date(now).toISOString();
  const fields = { ...content, id, timestamp, sender: caller.actor };
  const stamp = `${timestamp} ${encode(caller.actor.id)} ${hash}`;
  const files = filesOf(content);
  const inThread = async (to: string) => {
    const formatted = { id: id.toLowerCase(), stamp, ...splitAtSeq({ thread: to, ...fields }) };
    if (files.length > 0) {
      const { claimFiles } = await import("./attached-file.js");
      await claimFiles(chat, { sender: caller.actor.id, thread: to, id, at: "message" }, content, now);
    }
    return formatted;
  };
  return { id, fingerprint: hash, timestamp, references: content, inThread };
}

// The script inserts the seq, and checks the size again. At least its name and one digit are added.
const SEQ_BYTES = '"seq":,'.length + 1;

/** Formats a message as JSON, in two parts: before and after its seq. */
function splitAtSeq(message: object): { head: string; tail: string } {
  const rest = checkSize(JSON.stringify(message), SEQ_BYTES);
  return { head: '{"seq":', tail: `,${rest.slice(1)}` };
}
