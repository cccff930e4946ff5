import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Caller } from "../people/caller.js";
import { setPresence } from "../presence/presence.js";
import { NoList } from "../schema/field.js";
import { parse } from "../schema/parse.js";
import { Presence } from "../schema/presence.js";
import { Report } from "../schema/report.js";
import {
  Block,
  ChatState,
  Edit,
  Message,
  Reaction,
  Receipt,
  Retract,
  Setting,
  Stanza,
  ThreadStanza,
} from "../schema/stanza.js";
import { block } from "./block.js";
import { publishState } from "./chat-state.js";
import { edit, retract } from "./edit.js";
import * as message from "./message.js";
import { react } from "./reaction.js";
import { markRead } from "./read-receipt.js";
import type { Chat } from "./thread.js";
import { changeSettings } from "./thread-settings.js";

const STANZAS_MAX = 20;

/** The body of *send*: one stanza, or an envelope of up to 20. Each is parsed only when it is processed. */
export const Envelope = v.pipe(
  NoList,
  v.looseObject(
    {
      stanzas: v.exactOptional(
        v.pipe(
          v.array(v.unknown(), "must be a list"),
          v.minLength(1, "must not be empty"),
          v.maxLength(STANZAS_MAX, `must have at most ${STANZAS_MAX} items`),
        ),
      ),
    },
    "must be a stanza or an envelope",
  ),
  v.transform((it): unknown[] => it.stanzas ?? [it]),
);

// A message is stored, published and kept.
const BYTES_AT_COST = 4 * 1024;
// It is published in up to 100 threads, of which two commands look at each.
const THREADS_AT_COST = 5;
// More than what a message costs: the thread is read again for the members.
const ADMINISTRATION_COST = 1;

/**
 * Counts stanzas towards the rate limit of writes, by what they write: each counts one for every 4 KiB that it begins, and one more for each
 * further user that it is addressed to or that its administration names; presence one more for every five of the `threads` that it is shown in,
 * and administration one more.
 */
export function weigh(stanzas: readonly unknown[], threads: number): number {
  let weight = 0;
  for (const stanza of stanzas) {
    weight += Math.max(1, Math.ceil(Buffer.byteLength(JSON.stringify(stanza) ?? "") / BYTES_AT_COST));
    const parsed = v.safeParse(Costly, stanza, { abortEarly: true });
    if (parsed.success) weight += parsed.output === "presence" ? Math.floor(threads / THREADS_AT_COST) : parsed.output;
  }
  return weight;
}

const ListLength = v.optional(
  v.pipe(
    v.array(v.unknown()),
    v.transform((all) => all.length),
  ),
  () => [],
);
const Addressed = v.pipe(
  v.object({ type: v.literal("message"), message: v.object({ to: ListLength }) }),
  v.transform(({ message: { to } }) => Math.max(0, to - 1)),
);
const Presences = v.pipe(
  v.object({ type: v.literal("presence") }),
  v.transform(() => "presence" as const),
);
const Administration = v.pipe(
  v.object({
    type: v.literal("thread"),
    thread: v.object({ add: ListLength, remove: ListLength, ban: ListLength, unban: ListLength }),
  }),
  v.transform(({ thread: { add, remove, ban, unban } }) => ADMINISTRATION_COST + add + remove + ban + unban),
);

const Costly = v.union([Addressed, Administration, Presences]);

/** Processes stanzas in order, up to the first that fails: throws its fault, with the `results` before it and its index as `failed`. */
export async function send(chat: Chat, caller: Caller, stanzas: readonly unknown[], now: number) {
  const results: unknown[] = [];
  for (const [failed, stanza] of stanzas.entries()) {
    try {
      results.push(await handle(chat, caller, parse(Stanza, stanza), now, stanzas.length === 1));
    } catch (error) {
      if (error instanceof Fault) throw new Fault(error.code, { ...error.extra, results, failed });
      throw error;
    }
  }
  return { timestamp: new Date(now).toISOString(), results };
}

/** `alone`: whether the stanza is the only one of its request, so that nothing waits for it. */
type Handler = (chat: Chat, caller: Caller, payload: unknown, now: number, alone: boolean) => Promise<unknown>;

/** The handlers of stanzas, by type. */
const HANDLERS: ReadonlyMap<string, Handler> = new Map([
  handles("message", Message, message.send),
  handles("presence", Presence, setPresence),
  handles("block", Block, block),
  handles("state", ChatState, publishState),
  handles("receipt", Receipt, markRead),
  handles("edit", Edit, edit),
  handles("retract", Retract, retract),
  handles("reaction", Reaction, react),
  handles("report", Report, async (chat, caller, payload, now) =>
    (await import("./report.js")).report(chat, caller, payload, now),
  ),
  handles("setting", Setting, changeSettings),
  handles("thread", ThreadStanza, async (chat, caller, { id, changes }, now) => {
    const { change } = await import("./thread-admin.js");
    await change(chat, caller, id, changes, now);
    return { type: "thread", id, timestamp: new Date(now).toISOString() };
  }),
]);

const SENT = `type: must be that of a stanza that is sent: ${[...HANDLERS.keys()].join(", ")}`;

function handles<Payload>(
  type: string,
  schema: v.GenericSchema<unknown, Payload>,
  run: (chat: Chat, caller: Caller, payload: Payload, now: number, alone: boolean) => Promise<unknown>,
): [string, Handler] {
  return [type, (chat, caller, payload, now, alone) => run(chat, caller, parse(schema, payload, type), now, alone)];
}

async function handle(
  chat: Chat,
  caller: Caller,
  stanza: v.InferOutput<typeof Stanza>,
  now: number,
  alone: boolean,
): Promise<unknown> {
  const handler = HANDLERS.get(stanza.type);
  if (handler === undefined) throw new Fault("unsupported_stanza", { detail: SENT });
  return handler(chat, caller, stanza[stanza.type], now, alone);
}
