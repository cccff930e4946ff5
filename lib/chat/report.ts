import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import { OUTBOX_MAX } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import { isGuest } from "../people/reach.js";
import type { Report } from "../schema/report.js";
import { digest, encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import { find } from "./archive.js";
import { redactMessage } from "./block.js";
import { range } from "./history.js";
import { checkOutcome } from "./outcome.js";

/** The open reports: each keeps a message of up to 16 KiB. */
const OPEN_MAX = 1_000;
/** As many as there may be for a guest to add another: fifty guests, whom anybody makes in a minute, leave the others room. */
const OPEN_FOR_GUESTS = OPEN_MAX / 2;
// More than a person reads and objects to; nobody fills the list alone.
const HOURLY_MAX = 20;
const HOUR = 3_600;
/** What nobody has looked at by then is forgotten, in seconds: texts are not kept for ever beside their messages. */
export const KEPT = 90 * 86_400;

// Keeps a report, unless the same user has an open one of the same message. Those that have ended are removed from the list.
// KEYS: thread, report, reports, the reports of the user within an hour, the outbox where the host is told. ARGV: who (encoded), report id, report,
// now and the time before which reports have ended, both in ms, thread id, how many may be open. Returns: {ok}, {not_member}, {many} or {often, seconds to wait}.
const REPORT = `
local thread, report, reports, hourly, outbox = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local who, id, json, now, ended, most = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[7])
if redis.call('HEXISTS', thread, 'role:' .. who) == 0 then return {'not_member'} end
if redis.call('EXISTS', report) == 1 then return {'ok'} end
redis.call('ZREMRANGEBYSCORE', reports, '-inf', ended)
if redis.call('ZCARD', reports) >= most then return {'many'} end
if tonumber(redis.call('GET', hourly) or 0) >= ${HOURLY_MAX} then
  return {'often', math.max(1, redis.call('TTL', hourly))}
end
if redis.call('INCR', hourly) == 1 then redis.call('EXPIRE', hourly, ${HOUR}) end
redis.call('SET', report, json, 'EX', ${KEPT})
redis.call('ZADD', reports, now, id)
if outbox then
  redis.call('XADD', outbox, 'MAXLEN', '~', '${OUTBOX_MAX}', '*', 'i', 'report-' .. id .. '-' .. now, 't', ARGV[6], 'e', '{"type":"report","report":' .. json .. '}')
end
return {'ok'}
`;

const Reported = v.union([v.tuple([v.picklist(["ok", "not_member", "many"])]), v.tuple([v.literal("often"), Count])]);

/**
 * Reports a message of another user, which the caller can read, to the moderators, and to the host's server; nobody else is told. Keeps it as it is now. Throws
 * `thread_not_found`, `message_not_found`, `forbidden`, `rate_limited`.
 */
export async function report(chat: Instance, caller: Caller, { thread, id, reason }: Report, now: number) {
  const by = caller.actor.id;
  const { first, blocked } = await range(chat, caller, thread);
  const { stamp, message } = await find(chat, caller, thread, id);
  if (stamp.seq < first || redactMessage(blocked, message) !== message) throw new Fault("message_not_found");
  if (stamp.sender === encode(by)) throw new Fault("forbidden", { detail: "The message is the caller's own" });
  const timestamp = new Date(now).toISOString();
  const name = digest(`${thread} ${id.toLowerCase()} ${encode(by)}`);
  const most = isGuest(caller) ? OPEN_FOR_GUESTS : OPEN_MAX;
  const head = JSON.stringify({ id: name, timestamp, by, thread, ...(reason === undefined ? {} : { reason }) });
  const reply = await chat.store.runScript(
    REPORT,
    Reported,
    [
      ...[chat.keys.thread(thread), chat.keys.report(name), chat.keys.reports, chat.keys.reported(by)],
      ...(chat.outbox === undefined ? [] : [chat.keys.outbox]),
    ],
    [encode(by), name, `${head.slice(0, -1)},"message":${message}}`, now, now - KEPT * 1_000, thread, most],
  );
  chat.outbox?.ring();
  if (reply[0] === "often")
    throw new Fault("rate_limited", { detail: `At most ${HOURLY_MAX} reports an hour`, retryAfter: reply[1] });
  checkOutcome(reply[0], { many: `There are ${most} open reports, and no more until some are resolved` });
  return { type: "report", thread, id, timestamp };
}
