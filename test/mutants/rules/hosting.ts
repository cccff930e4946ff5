import { type Mutant, mutantsOf } from "../mutant.js";

/** Mutants of section 9: what the host's server does. */
export const HOSTING: readonly Mutant[] = [
  ...mutantsOf("privacy/erasure", "§9", {
    "an erased user is in no mentions": [
      "privacy/own-messages",
      "if (!mentions?.includes(entity)) return [];",
      "return [];",
    ],
    "a ban of the host outlives an erasure": [
      "privacy/erasure",
      "if redis.call('ZREM', bans, who) == 1 then redis.call('ZADD', bans, '0', erased) end",
      "redis.call('ZREM', bans, who)",
    ],
    "nobody blocks an erased user": ["privacy/scattered-traces", "batch.hdel(key, who);", "batch.hlen(key);"],
    "streams resync where something was erased": ["privacy/erased-logs", "cutLog(thread, events, tips, id)", ""],
    "invites of an erased user are revoked": [
      "privacy/thread-traces",
      "batch.hdel(key, sha).del(keys.invite(sha));",
      "batch.del(keys.invite(sha));",
    ],
  }),
  ...mutantsOf("contract/server-api", "§9", {
    "the system has its rights in whatever role members have added it": [
      "people/system",
      " and 'owner' or ",
      " and nil or ",
    ],
    "the system reads what was said before members have added it": [
      "chat/thread-admin",
      "'was:' .. one.who, ${SYSTEM_JOINED} end)",
      "'was:' .. one.who end)",
    ],
  }),
  ...mutantsOf("chat/import", "§9", {
    "what a thread has already is not imported again": [
      "chat/import",
      "(known[i] ? [] : [{ ...it, at: `messages.${i}` }])",
      "[{ ...it, at: `messages.${i}` }]",
    ],
    "what is imported has been read": ["chat/import", "for from = 0, unread and -1 or", "for from = 0, -1 or"],
    "an empty thread gets the times of its messages": [
      "chat/import",
      "if before == 0 and first < it[3] then redis.call('HSET', thread, 'created', first) end",
      "",
    ],
  }),
  ...mutantsOf("contract/reports", "§6", {
    "a decision retracts the message": [
      "chat/report-decision",
      'if (action === "retract") await retractAnyway(chat, { thread, id: message.id }, now);',
      "",
    ],
    "a decision bans the author": [
      "chat/report-decision",
      'if (action === "ban") await ban(chat, sender.id, now);',
      "",
    ],
  }),
  ...mutantsOf("contract/moderation", "§6", {
    "direct threads are not listed": [
      "chat/room-list",
      'known.filter(({ kind }) => kind === "room")',
      'known.filter(({ kind }) => kind !== "")',
    ],
    "moderators delete no direct thread": [
      "chat/room-list",
      'if ((await kindOf(chat, id)) === "direct") throw new Fault("thread_not_found");',
      "",
    ],
    "nobody bans the system": [
      "auth/ban",
      'if (entity === SYSTEM) throw new Fault("forbidden", { detail: "The system cannot be banned" });',
      "",
    ],
  }),
];
