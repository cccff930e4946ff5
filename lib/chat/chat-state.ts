import * as v from "valibot";
import { Fault } from "../fault.js";
import * as log from "../log/write.js";
import type { Caller } from "../people/caller.js";
import type { ChatState } from "../schema/stanza.js";
import * as keys from "../store/keys.js";

// Tells the others in a thread what somebody is doing there. Nothing is kept. KEYS: clock, thread. ARGV: own: who (encoded), thread id, stanza.
// Returns: {ok}, {stranger} or {voiceless}.
const TELL = `
local role = redis.call('HGET', KEYS[2], 'role:' .. ARGV[5])
if not role then return {'stranger'} end
if role == 'visitor' then return {'voiceless'} end
pass('state', ARGV[5], ARGV[6], ARGV[7])
commit()
return {'ok'}
`;

const Told = v.tuple([v.picklist(["ok", "stranger", "voiceless"])]);

/** Tells the others of a thread one's chat state (XEP-0085). Throws `thread_not_found`, `forbidden`. */
export async function tellState(caller: Caller, request: ChatState, now: number) {
  const timestamp = new Date(now).toISOString();
  const entity = caller.actor.id;
  const stanza = { type: "state", state: { ...request, entity, timestamp } };
  const [outcome] = await log.write(
    TELL,
    Told,
    now,
    [keys.thread(request.thread)],
    [keys.encode(entity), request.thread, JSON.stringify(stanza)],
  );
  if (outcome === "stranger") throw new Fault("thread_not_found");
  if (outcome === "voiceless") throw new Fault("forbidden");
  return { type: "state", thread: request.thread, timestamp };
}
