import { v4 as uuid } from "uuid";
import * as v from "valibot";
import { BoundedMap } from "../bounded-map.js";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import { type Caller, checkContacts } from "../people/caller.js";
import { checkReach, Reach } from "../people/reach.js";
import type { NewThread } from "../schema/stanza.js";
import { type FirstMessage, open } from "./open-thread.js";
import { ReceiptBatches } from "./receipt-batch.js";
import type { Ask } from "./verdict.js";

/** The context of the functions of this layer: the instance, and caches that save commands. */
export type Chat = Instance & {
  /** Key of a direct thread → its id. The direct thread of a set of members never changes, so it is looked up once. */
  readonly directs: BoundedMap<string, string>;
  /** Thread → the newest part of its archive. A wrong guess costs one more attempt. */
  readonly parts: BoundedMap<string, number>;
  /** The users whom each caller has reached for the first time. */
  readonly reach: Reach;
  /** The read receipts that are yet to be written. */
  readonly reads: ReceiptBatches;
  /** Asks the host before a message is accepted; undefined where it does not want to be asked. */
  readonly ask: Ask | undefined;
};

const DIRECTS_MAX = 10_000;
const PARTS_MAX = 50_000;

/** Creates the caches of `Chat`. */
export function createCaches() {
  return {
    directs: new BoundedMap<string, string>(DIRECTS_MAX),
    parts: new BoundedMap<string, number>(PARTS_MAX),
    reach: new Reach(),
    reads: new ReceiptBatches(),
  };
}

/**
 * Finds the direct thread of the caller and others, or creates it, with a first message if one is given. Throws `not_a_contact`, `forbidden`,
 * `rate_limited`, `too_large`.
 */
export async function direct(
  chat: Chat,
  caller: Caller,
  others: readonly string[],
  now: number,
  firstMessage?: (id: string) => FirstMessage | Promise<FirstMessage>,
  subject?: string,
): Promise<{ id: string; made: boolean }> {
  const members = [...new Set([caller.actor.id, ...others])];
  checkContacts(caller, members);
  const key = chat.keys.direct(members);
  // The cache is used only for a message, which is sent again if its thread no longer exists; anything else would not notice.
  const known = (firstMessage && chat.directs.get(key)) ?? (await lookUp(chat, key));
  if (known !== undefined) return { id: chat.directs.set(key, known), made: false };
  checkSize(chat, members);
  await checkReach(chat, caller, members, "direct", now);
  const opened = await open(chat, caller, { kind: "direct", members, subject }, uuid(), now, firstMessage);
  return { id: chat.directs.set(key, opened.id), made: opened.tag === "made" };
}

/** Returns the direct thread of exactly these users, if there is one. */
export function findDirect(chat: Chat, members: readonly string[]): Promise<string | undefined> {
  return lookUp(chat, chat.keys.direct(members));
}

/**
 * Creates a room that the caller owns, with a first message if one is given. An id that a room had which nobody is in any more is free.
 * Throws `thread_conflict` for a taken id, `not_a_contact`, `forbidden`, `rate_limited`, `too_large`.
 */
export async function room(
  chat: Chat,
  caller: Caller,
  request: Omit<NewThread, "kind">,
  now: number,
  firstMessage?: (id: string) => FirstMessage | Promise<FirstMessage>,
): Promise<string> {
  const members = [...new Set([caller.actor.id, ...request.members])];
  checkContacts(caller, members);
  checkSize(chat, members);
  const { id = uuid(), subject, history } = request;
  await checkReach(chat, caller, members, "room", now);
  const opened = await open(chat, caller, { kind: "room", members, subject, history }, id, now, firstMessage);
  if (opened.tag !== "made") throw new Fault("thread_conflict");
  return opened.id;
}

/** Finds or creates the thread that a request describes. Throws as `direct` and `room` do. */
export async function make(
  chat: Chat,
  caller: Caller,
  request: NewThread,
  now: number,
): Promise<{ id: string; made: boolean }> {
  return request.kind === "direct"
    ? direct(chat, caller, request.members, now, undefined, request.subject)
    : { id: await room(chat, caller, request, now), made: true };
}

function checkSize({ config }: Chat, members: readonly string[]): void {
  if (members.length > config.roomMax)
    throw new Fault("too_large", { detail: `A thread has at most ${config.roomMax} members` });
}

async function lookUp(chat: Chat, key: string): Promise<string | undefined> {
  const [id] = await chat.store.transact(v.tuple([v.nullable(v.string())]), (batch) => batch.get(key));
  return id ?? undefined;
}
