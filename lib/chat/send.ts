import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Caller } from "../people/caller.js";
import { say } from "../presence/presence.js";
import { parse } from "../schema/parse.js";
import {
  Block,
  ChatState,
  Edit,
  Message,
  Presence,
  Reaction,
  Receipt,
  Retract,
  Setting,
  Stanza,
  ThreadStanza,
} from "../schema/stanza.js";
import { block } from "./block.js";
import { tellState } from "./chat-state.js";
import { edit, retract } from "./edit.js";
import * as message from "./message.js";
import { react } from "./reaction.js";
import { receipt } from "./read-receipt.js";
import type { Chat } from "./thread.js";
import { change } from "./thread-admin.js";
import { set } from "./thread-settings.js";

const STANZAS_MAX = 20;

/** The body of *send*: one stanza, or an envelope of up to 20. What each says is parsed when its turn comes. */
export const Envelope = v.pipe(
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

/** Weighs stanzas for the ration of writes: one each, and in a thread's administration one more for everybody named. */
export function weigh(stanzas: readonly unknown[]): number {
  let weight = stanzas.length;
  for (const stanza of stanzas) {
    const parsed = v.safeParse(Administration, stanza, { abortEarly: true });
    if (parsed.success) weight += parsed.output;
  }
  return weight;
}

const Everybody = v.optional(
  v.pipe(
    v.array(v.unknown()),
    v.transform((all) => all.length),
  ),
  () => [],
);
const Administration = v.pipe(
  v.object({
    type: v.literal("thread"),
    thread: v.object({ add: Everybody, remove: Everybody, ban: Everybody, unban: Everybody }),
  }),
  v.transform(({ thread: { add, remove, ban, unban } }) => add + remove + ban + unban),
);

/** Does what the stanzas say, in order, up to the first that fails: then throws its fault, with the `results` before it and its index, `failed`. */
export async function send(chat: Chat, caller: Caller, stanzas: readonly unknown[], now: number) {
  const results: unknown[] = [];
  for (const [failed, stanza] of stanzas.entries()) {
    try {
      results.push(await handle(chat, caller, parse(Stanza, stanza), now));
    } catch (error) {
      if (error instanceof Fault) throw new Fault(error.code, { ...error.extra, results, failed });
      throw error;
    }
  }
  return { timestamp: new Date(now).toISOString(), results };
}

type Handler = (chat: Chat, caller: Caller, payload: unknown, now: number) => Promise<unknown>;

/** What can be sent, by type. */
const HANDLERS: ReadonlyMap<string, Handler> = new Map([
  takes("message", Message, message.send),
  takes("presence", Presence, say),
  takes("block", Block, block),
  takes("state", ChatState, tellState),
  takes("receipt", Receipt, receipt),
  takes("edit", Edit, edit),
  takes("retract", Retract, retract),
  takes("reaction", Reaction, react),
  takes("setting", Setting, set),
  takes("thread", ThreadStanza, async (chat, caller, { id, changes }, now) => {
    await change(chat, caller, id, changes, now);
    return { type: "thread", id, timestamp: new Date(now).toISOString() };
  }),
]);

function takes<Payload>(
  type: string,
  schema: v.GenericSchema<unknown, Payload>,
  run: (chat: Chat, caller: Caller, payload: Payload, now: number) => Promise<unknown>,
): [string, Handler] {
  return [type, (chat, caller, payload, now) => run(chat, caller, parse(schema, payload, type), now)];
}

async function handle(chat: Chat, caller: Caller, stanza: v.InferOutput<typeof Stanza>, now: number): Promise<unknown> {
  const handler = HANDLERS.get(stanza.type);
  if (handler === undefined) throw new Fault("unsupported_stanza", { detail: "The type is none that can be sent" });
  return handler(chat, caller, stanza[stanza.type], now);
}
