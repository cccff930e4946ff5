import * as v from "valibot";
import type { Caller } from "./caller.js";
import { change } from "./change.js";
import { Fault } from "./fault.js";
import * as message from "./message.js";
import { parse } from "./parse.js";
import { Message, Stanza, ThreadChange, ThreadId } from "./stanza.js";

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

/** Does what the stanzas say, in order, up to the first that fails: then throws its fault, with the `results` before it and its index, `failed`. */
export async function send(caller: Caller, stanzas: unknown[], now: number) {
  const results: unknown[] = [];
  for (const [failed, stanza] of stanzas.entries()) {
    try {
      results.push(await handle(caller, parse(Stanza, stanza), now));
    } catch (error) {
      if (error instanceof Fault) throw new Fault(error.code, { ...error.extra, results, failed });
      throw error;
    }
  }
  return { timestamp: new Date(now).toISOString(), results };
}

const MessageStanza = v.object({ message: Message });
const ThreadStanza = v.object({
  thread: v.pipe(
    v.looseObject({ id: ThreadId }),
    v.transform(({ id, ...rest }) => ({ id, rest })),
  ),
});

async function handle(caller: Caller, stanza: v.InferOutput<typeof Stanza>, now: number): Promise<unknown> {
  switch (stanza.type) {
    case "message":
      return message.send(caller, parse(MessageStanza, stanza).message, now);
    case "thread": {
      const { id, rest } = parse(ThreadStanza, stanza).thread;
      await change(caller, id, parse(ThreadChange, rest), now);
      return { type: "thread", id };
    }
    default:
      throw new Fault("unsupported_stanza", { detail: "The type is none that can be sent" });
  }
}
