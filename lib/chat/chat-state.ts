import * as v from "valibot";
import type { Instance } from "../log/instance.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import { roleOf } from "../people/system.js";
import type { ChatState } from "../schema/stanza.js";
import { encode } from "../store/keys.js";
import { checkOutcome } from "./outcome.js";

// In larger rooms nobody looks at who is typing, and every keystroke would wake them all.
const SHARED_MAX = 100;

// Publishes a chat state, in a large room to nobody; nothing is stored. KEYS: clock, thread, members. ARGV: own: who (encoded), thread id,
// stanza.
// Returns: {ok}, {not_member} or {read_only}.
const PUBLISH_STATE = writeScript(`
local thread, members, who, id, stanza = KEYS[2], KEYS[3], ARGV[5], ARGV[6], ARGV[7]
local it = redis.call('HMGET', thread, 'role:' .. who, 'kind')
local role = ${roleOf("it[1]", "who", "it[2]")}
if not role then return {'not_member'} end
if role == 'visitor' then return {'read_only'} end
if redis.call('ZCARD', members) > ${SHARED_MAX} then return {'ok'} end
pass('state', who, id, stanza)
commit()
return {'ok'}
`);

const Published = v.tuple([v.picklist(["ok", "not_member", "read_only"])]);

/** Publishes the caller's chat state to the other members of a thread (XEP-0085). Throws `thread_not_found`, `forbidden`. */
export async function publishState(chat: Instance, caller: Caller, request: ChatState, now: number) {
  const timestamp = new Date(now).toISOString();
  const entity = caller.actor.id;
  const stanza = { type: "state", state: { ...request, entity, timestamp } };
  const [outcome] = await write(
    chat,
    PUBLISH_STATE,
    Published,
    now,
    [chat.keys.thread(request.thread), chat.keys.members(request.thread)],
    [encode(entity), request.thread, JSON.stringify(stanza)],
  );
  checkOutcome(outcome);
  return { type: "state", thread: request.thread, timestamp };
}
