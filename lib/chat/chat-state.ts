import * as v from "valibot";
import type { Instance } from "../log/instance.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import type { ChatState } from "../schema/stanza.js";
import { encode } from "../store/keys.js";
import { checkOutcome } from "./outcome.js";

// Publishes a chat state. Nothing is kept. KEYS: clock, thread. ARGV: own: who (encoded), thread id, stanza.
// Returns: {ok}, {stranger} or {voiceless}.
const PUBLISH_STATE = writeScript(`
local thread, who, id, stanza = KEYS[2], ARGV[5], ARGV[6], ARGV[7]
local role = redis.call('HGET', thread, 'role:' .. who)
if not role then return {'stranger'} end
if role == 'visitor' then return {'voiceless'} end
pass('state', who, id, stanza)
commit()
return {'ok'}
`);

const Told = v.tuple([v.picklist(["ok", "stranger", "voiceless"])]);

/** Tells the others of a thread one's chat state (XEP-0085). Throws `thread_not_found`, `forbidden`. */
export async function tellState(chat: Instance, caller: Caller, request: ChatState, now: number) {
  const timestamp = new Date(now).toISOString();
  const entity = caller.actor.id;
  const stanza = { type: "state", state: { ...request, entity, timestamp } };
  const [outcome] = await write(
    chat,
    PUBLISH_STATE,
    Told,
    now,
    [chat.keys.thread(request.thread)],
    [encode(entity), request.thread, JSON.stringify(stanza)],
  );
  checkOutcome(outcome);
  return { type: "state", thread: request.thread, timestamp };
}
