import { type Mutant, mutantsOf } from "../mutant.js";

/** Mutants of section 6: threads. */
export const THREADS: readonly Mutant[] = [
  ...mutantsOf("whole/races", "§6", {
    "a direct thread is made once": ["chat/thread", "if found then return {'found', found} end", ""],
  }),
  ...mutantsOf("people/profiles", "§6", {
    "only those are told of who share a thread": ["people/profiles", "n !== null && n >= 0", "true"],
    "nor those who did": ["people/profiles", "n !== null && n >= 0", "n !== null"],
    "who blocks an inviter is told of to them": ["chat/thread", "blocked and '0' or at", "blocked and '-1' or at"],
  }),
  ...mutantsOf("contract/threads", "§6", {
    "sending reads up to one's own message": [
      "chat/append",
      "'updated', timestamp, 'read:' .. who, number,",
      "'updated', timestamp,",
    ],
    "at most 1,000 members a request": [
      "schema/stanza",
      'members: v.pipe(Entities, v.maxLength(1_000, "must name at most 1000"))',
      'members: v.pipe(Entities, v.maxLength(9_000, "must name at most 1000"))',
    ],
    "at most CHAT_ROOM_MAX members in a new room": [
      "chat/thread",
      "members.length > chat.config.roomMax",
      "members.length < 0",
    ],
    "at most CHAT_ROOM_MAX members in a room": [
      "chat/thread-admin",
      "if #joining > 0 and redis.call('ZCARD', members) + #joining > most then return {'full'} end",
      "",
    ],
    "a taken id is a conflict": [
      "chat/thread",
      "if redis.call('EXISTS', thread) == 1 then return {'taken', id} end",
      "",
    ],
    "the ids of direct threads are the server's": [
      "schema/stanza",
      'it.kind === "room" || it.id === undefined',
      "it !== undefined",
    ],
    "a thread names 100 members at most": ["chat/thread-view", "const SHOWN = 100", "const SHOWN = 110"],
    "a newcomer has read up to the joining": [
      "chat/thread-admin",
      "'read:' .. one.who, seq .. '.5' end)",
      "'read:' .. one.who, '0.5' end)",
    ],
    "threads are listed latest first": [
      "chat/thread-view",
      "tips.sort(([, a], [, b]) => b - a)",
      "tips.sort(([, a], [, b]) => a - b)",
    ],
    "a page is of 50 unless told": ["chat/history", "query.limit ?? 50", "query.limit ?? 40"],
    "a page is of 100 at most": ["chat/history", "Math.min(it, 100)", "it"],
    "history keeps about CHAT_HISTORY messages": [
      "chat/archive",
      "if (first + PART > seq - chat.config.history) return;",
      "if (first > 0) return;",
    ],
    "only owners do all, and members invite": [
      "chat/thread-admin",
      "if not (right == 'owner' or leaving or (right == 'member' and inviting)) then return {'forbidden'} end",
      "",
    ],
    "members invite": ["chat/thread-admin", "or (right == 'member' and inviting)", ""],
    "everybody may leave": ["chat/thread-admin", "right == 'owner' or leaving or", "right == 'owner' or"],
    "ownership passes to who joined first": [
      "chat/thread-admin",
      "redis.call('ZRANGE', members, 0, 0)[1]",
      "redis.call('ZRANGE', members, -1, -1)[1]",
    ],
    "a room has an owner": [
      "chat/thread-admin",
      "and owners <= 1 then return {'forbidden'} end",
      "and owners <= 0 then return {'forbidden'} end",
    ],
    "a ban keeps out": [
      "chat/thread-admin",
      "if banned[one.who] == nil and have('ban:', one.who) then return {'forbidden'} end",
      "",
    ],
    "an unban lets in": [
      "chat/thread-admin",
      "batch('HDEL', thread, unban, function(one) return 'ban:' .. one.who end)",
      "",
    ],
    "a direct thread's members never change": ["chat/thread-admin", "if not leaving then return {'forbidden'} end", ""],
    "leaving a direct thread hides it": ["chat/thread-admin", "redis.call('HSET', thread, 'hidden:' .. by, seq)", ""],
    "a former member finds no thread": [
      "chat/thread-admin",
      "batch('HDEL', thread, going, function(one) return 'role:' .. one.who, 'read:' .. one.who,",
      "batch('HDEL', thread, going, function(one) return 'read:' .. one.who,",
    ],
  }),
  ...mutantsOf("chat/rooms", "§6", {
    "an invite is an owner's or a member's": ["chat/invite", "or it[2] == 'visitor'", ""],
    "an invite is to a room": ["chat/invite", "it[1] ~= 'room' or", ""],
    "who is banned does not join by an invite": ["chat/invite", "if banned then return {'forbidden'} end", ""],
  }),
];
