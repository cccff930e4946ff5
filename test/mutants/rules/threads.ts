import { type Mutant, mutantsOf } from "../mutant.js";

/** Mutants of section 6: threads. */
export const THREADS: readonly Mutant[] = [
  ...mutantsOf("whole/races", "§6", {
    "a direct thread is made once": ["chat/open-thread", "if found then return {'found', found} end", ""],
  }),
  ...mutantsOf("abuse/reach", "§6", {
    "a guest puts into a room only who has shown themselves": [
      "people/reach",
      'const known = kind === "room" && isGuest(caller) ? shownTo : sharingThread; const mayReach = chat.config.reach === "anyone" && known === sharingThread;',
      'const known = sharingThread; const mayReach = chat.config.reach === "anyone" && !(kind === "room" && isGuest(caller));',
    ],
  }),
  ...mutantsOf("abuse/roles", "§6", {
    "an invite does not hold while its maker is banned": ["chat/invite", "or redis.call('ZSCORE', bans, maker)", ""],
    "nobody inherits a room who is banned from the deployment": [
      "chat/succession",
      "known[2 * i - 1] ~= 'visitor' and not known[2 * i] and not banned[i]",
      "known[2 * i - 1] ~= 'visitor' and not known[2 * i]",
    ],
  }),
  ...mutantsOf("abuse/names", "§6", {
    "the subject of a thread is a name": ["schema/field", 'cleanName(subject) ?? ""', "subject"],
  }),
  ...mutantsOf("abuse/history-setting", "§6", {
    "history begins where a member joined": ["chat/history", "hiddenUpTo(history, joined) + 1", "1"],
    "nobody reacts to a message from before they joined": [
      "chat/archive",
      "`(${history} == 'joined' and tonumber(${seq}) <= tonumber(${from} or 0))`",
      "`false`",
    ],
    "nobody edits a message from before they joined": [
      "chat/edit",
      'if (hidden) throw new Fault("message_not_found");',
      "",
    ],
    "lists show nothing from before": [
      "chat/thread-view",
      'const veiled = it.kind === "direct" ? blocked : NO_BLOCKS; const last = newest && !isLastHidden && redactMessage(veiled, withReactions(newest, reactions));',
      'const veiled = it.kind === "direct" ? blocked : NO_BLOCKS; const last = newest && redactMessage(veiled, withReactions(newest, reactions));',
    ],
    "a member who joins again begins anew": [
      "chat/thread-admin",
      "seq .. '.5', 'from:' .. one.who, seq end)",
      "seq .. '.5', 'from:' .. one.who, '0' end)",
    ],
    "members do not open the history": [
      "chat/thread-admin",
      "history ~= '' or slow ~= '' or #ban > 0",
      "slow ~= '' or #ban > 0",
    ],
  }),
  ...mutantsOf("contract/around", "§6", {
    "nobody looks around a message from before they joined": [
      "chat/history",
      'if (seq === undefined || seq < first || seq > last) throw new Fault("message_not_found");',
      'if (seq === undefined || seq > last) throw new Fault("message_not_found");',
    ],
    "what is around a message is redacted, too": [
      "chat/history",
      "({ message: redactMessage(blocked, message), at: seqOf(message) })",
      "({ message, at: seqOf(message) })",
    ],
  }),
  ...mutantsOf("contract/members", "§6", {
    "only members list the members": [
      "chat/member-list",
      'if (own[0] === null && !(isSystem(caller) && kind !== null)) throw new Fault("thread_not_found");',
      "",
    ],
  }),
  ...mutantsOf("contract/slow-mode", "§6", {
    "a slow room makes members wait": [
      "chat/append",
      "if wait > 0 then return {'slow', math.ceil(wait / 1000), pause} end",
      "",
    ],
    "its owners do not wait": ["chat/append", "if pause > 0 and role ~= 'owner' then", "if pause > 0 then"],
    "only owners make a room slow": ["chat/thread-admin", "slow ~= '' or #ban > 0", "#ban > 0"],
  }),
  ...mutantsOf("contract/search", "§6", {
    "a search begins where a member joined": [
      "chat/search-slice",
      "const first = Math.max(kept ?? 1, hiddenUpTo(history, joined) + 1);",
      "const first = kept ?? 1;",
    ],
    "a search finds nothing of who is blocked": [
      "chat/search-slice",
      "list.map((json) => (isDirect ? redactMessage(blocked, json) : json)).reverse()",
      "list.toReversed()",
    ],
    "a search skips no thread that moves": [
      "chat/search-order",
      "({ id, n: n > began ? (earlier.get(id) ?? 0) : n })",
      "({ id, n })",
    ],
  }),
  ...mutantsOf("people/profiles", "§6", {
    "only those are told of who share a thread": [
      "people/profiles",
      "const known = await (isGuest(caller) ? shownTo(chat, me, others) : sharingThread(chat, me, others)); const described = await describe(chat, known.map(encode));",
      "const known = await (isGuest(caller) ? shownTo(chat, me, others) : others); const described = await describe(chat, known.map(encode));",
    ],
    "nor those who did": ["people/shared-threads", "(rows[i]?.[j] ?? -1) > 0", "(rows[i]?.[j] ?? 0) !== 0"],
    "who blocks an inviter is told of to them": [
      "people/shared-threads",
      "for (const [entity, shared] of await unawares(chat, mine.slice(0, LOOKED_AT), missing)) found.set(entity, shared);",
      "",
    ],
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
    "at most CHAT_ROOM_MAX members in a new thread": [
      "chat/thread",
      "members.length > config.roomMax",
      "members.length < 0",
    ],
    "at most CHAT_ROOM_MAX members in a room": [
      "chat/thread-admin",
      "if #joining > 0 and redis.call('ZCARD', members) + #joining > most then return {'full'} end",
      "",
    ],
    "a taken id is a conflict": [
      "chat/open-thread",
      "if redis.call('EXISTS', thread) == 1 then return {redis.call('ZCARD', memberSet) == 0 and 'left' or 'taken', id} end",
      "",
    ],
    "the ids of direct threads are the server's": [
      "schema/stanza",
      'it.kind === "room" || it.id === undefined',
      "it !== undefined",
    ],
    "a thread names 100 members at most": ["chat/thread-members", "const SHOWN = 100", "const SHOWN = 110"],
    "a thread names the caller among its members": [
      "chat/thread-members",
      "return [...first.slice(0, SHOWN - 1), me];",
      "return first;",
    ],
    "a newcomer has read up to the joining": [
      "chat/thread-admin",
      "'read:' .. one.who, seq .. '.5', 'from:'",
      "'read:' .. one.who, '0.5', 'from:'",
    ],
    "threads are listed latest first": [
      "chat/thread-list",
      "tips.sort((a, b) => b.n - a.n)",
      "tips.sort((a, b) => a.n - b.n)",
    ],
    "a page is of 50 unless told": ["chat/history", "query.limit ?? 50", "query.limit ?? 40"],
    "a page is of 100 at most": ["chat/history", "PAGE_MAX = 100", "PAGE_MAX = 1_000"],
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
      "chat/succession",
      "redis.call('ZRANGE', members, first, first + 99)",
      "redis.call('ZREVRANGE', members, first, first + 99)",
    ],
    "a room has an owner": [
      "chat/thread-admin",
      "and owners <= 1 then return {'last'} end",
      "and owners <= 0 then return {'last'} end",
    ],
    "a ban keeps out": [
      "chat/thread-admin",
      "if banned[one.who] == nil and have('ban:', one.who) then return {'barred'} end",
      "",
    ],
    "an unban lets in": ["chat/ban", "batch('HDEL', thread, unban, function(one) return 'ban:' .. one.who end)", ""],
    "a direct thread's members never change": ["chat/thread-admin", "if not leaving then return {'fixed'} end", ""],
    "leaving a direct thread hides it": ["chat/thread-admin", "redis.call('HSET', thread, 'hidden:' .. by, seq)", ""],
    "a former member finds no thread": [
      "chat/thread-admin",
      "batch('HDEL', thread, going, function(one) return 'role:' .. one.who, 'read:' .. one.who,",
      "batch('HDEL', thread, going, function(one) return 'read:' .. one.who,",
    ],
  }),
  ...mutantsOf("chat/bounds", "§6", {
    "a room has at most 10,000 bans": [
      "chat/ban",
      "for _, one in ipairs(ban) do if not have('ban:', one.who) then after = after + 1 end end",
      "",
    ],
  }),
  ...mutantsOf("chat/thread-list", "§6", {
    "threads of one time are not torn apart": [
      "chat/thread-list",
      "isCut || !isWhole || (page.length < limit && next < tips.length)",
      "isCut || (page.length < limit && next < tips.length)",
    ],
  }),
  ...mutantsOf("chat/rooms", "§6", {
    "an invite is an owner's or a member's": ["chat/invite", "or it[2] == 'visitor'", ""],
    "an invite is to a room": ["chat/invite", "it[1] ~= 'room' or", ""],
    "who is banned does not join by an invite": ["chat/invite", "if banned then return {'forbidden'} end", ""],
    "nobody inherits a room that they do not see": [
      "chat/succession",
      "known[2 * i - 1] ~= 'visitor' and not known[2 * i]",
      "known[2 * i - 1] ~= 'visitor'",
    ],
  }),
];
