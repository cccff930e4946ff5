import { type Mutant, mutantsOf } from "../mutant.js";

/** Mutants of section 5: what messages refer to, and every other stanza. */
export const STANZAS: readonly Mutant[] = [
  ...mutantsOf("chat/references", "§5", {
    "replyTo names a message of the thread": [
      "chat/append",
      "if answered ~= '' and not it[6] then return {'unknown'} end",
      "",
    ],
    "replyTo names nothing in a thread that is only made": [
      "chat/content",
      'if (replyTo !== undefined) throw new Fault("message_not_found");',
      "",
    ],
    "replyTo is a UUID": ["schema/stanza", "replyTo: v.exactOptional(Uuid)", "replyTo: v.exactOptional(v.string())"],
    "mentions are members": [
      "chat/append",
      "for i = mentions, recipients - 1 do if not it[i - mentions + 7] then return {'outsider', i - mentions + 1} end end",
      "",
    ],
    "mentions of a first message are its sender or in to": [
      "chat/content",
      "if (outsider >= 0) throw invalid(`message.mentions.${outsider}`, NO_MEMBER);",
      "",
    ],
    "mentions in an edit are members": [
      "chat/edit",
      "for i = mentions, #ARGV do if not it[i - mentions + 6] then return {'outsider', i - mentions + 1} end end",
      "",
    ],
    "at most 50 mentions": ["schema/message-content", "new Set(it).size <= 50", "new Set(it).size <= 51"],
    "each mention is counted once": ["schema/message-content", "new Set(it).size <= 50", "it.length <= 50"],
  }),
  ...mutantsOf("presence/presence", "§5", {
    "show is away, chat, dnd or xa": [
      "schema/presence",
      'v.picklist(["away", "chat", "dnd", "xa"], "must be away, chat, dnd or xa")',
      "v.string()",
    ],
    "a status has at most 140 characters": ["schema/presence", "/^.{0,140}$/su", "/^.{0,141}$/su"],
    "available unless told": [
      "schema/presence",
      'available: v.optional(v.boolean("must be true or false"), true)',
      'available: v.optional(v.boolean("must be true or false"), false)',
    ],
    "an unchanged presence is not sent again": [
      "presence/presence",
      "before?.available === available && isDeepStrictEqual(describe(before), description)",
      "false",
    ],
    "a user who appears offline shows why": [
      "presence/presence",
      "const { actor, available, devices } = after; const description = available ? combineDevices(devices, now) : describe(after);",
      "const { actor, available, devices } = after; const description = available ? combineDevices(devices, now) : {};",
    ],
    "a user whose lease has ended shows nothing": [
      "presence/roster",
      "const isOnline = available && (leases[i] ?? 0) > now; const online = isOnline ? combineDevices(devices, now) : {};",
      "const isOnline = available && (leases[i] ?? 0) > now; const online = combineDevices(devices, now);",
    ],
    "contacts share a thread of at most 100": [
      "presence/roster",
      "const SMALL = 100; export const THREADS_MAX = 100;",
      "const SMALL = 1_000; export const THREADS_MAX = 100;",
    ],
    "presence shows only of who has shown themselves": [
      "presence/roster",
      'return read !== null && !read.includes(".");',
      "return read !== null;",
    ],
    "at most 200 contacts, available ones first": [
      "presence/roster",
      "Number(b.available) - Number(a.available)",
      "Number(a.available) - Number(b.available)",
    ],
  }),
  ...mutantsOf("chat/read-receipt", "§5", {
    "a receipt never goes back": [
      "chat/read-receipt",
      "it.seq = math.min(it.wanted, newest) local isNew = it.seq > read",
      "it.seq = math.min(it.wanted, newest) local isNew = it.seq > 0",
    ],
    "a device that slept is told the newest position of each reader": [
      "log/cold-read",
      "readMarks(log, member, n, clock.n)",
      "Promise.resolve([])",
    ],
    "of each reader's receipts the newest is delivered": [
      "log/event-window",
      "earlier.isSuperseded = true",
      "earlier.isSuperseded = undefined",
    ],
    "the position of one who has left makes room": [
      "chat/read-receipt",
      "if not role then moved[whose(list[i])] = true end",
      "if not role then moved[i] = true end",
    ],
    "the 100 large rooms that one has read last": [
      "chat/read-receipt",
      "const SHARED_MAX = 100; const OWN_MARKS_MAX = 100;",
      "const SHARED_MAX = 100; const OWN_MARKS_MAX = 99;",
    ],
    "reading is no activity": [
      "chat/read-receipt",
      "if #changes > 0 then redis.call('HSET', thread, unpack(changes)) end",
      "if #changes > 0 then redis.call('HSET', thread, 'updated', '2099-01-01T00:00:00.000Z', unpack(changes)) end",
    ],
  }),
  ...mutantsOf("chat/receipt-batch", "§5", {
    "a receipt that others follow does not wait": [
      "chat/receipt-batch",
      "if (!alone || batch.size >= READINGS_MAX) this.flush();",
      "if (batch.size >= READINGS_MAX) this.flush();",
    ],
  }),
  ...mutantsOf("chat/stanzas", "§5", {
    "a receipt is cut at the end": ["chat/read-receipt", "it.seq = math.min(it.wanted, newest)", "it.seq = it.wanted"],
    "above 100 members a receipt is one's own": [
      "chat/read-receipt",
      "const SHARED_MAX = 100; const OWN_MARKS_MAX = 100;",
      "const SHARED_MAX = 1_000; const OWN_MARKS_MAX = 100;",
    ],
    "an edit is validated as a whole": [
      "chat/edit",
      "checkSize(JSON.stringify({ ...content, edited: timestamp }))",
      "JSON.stringify({ ...content, edited: timestamp })",
    ],
    "an edit is sanitised as a whole": [
      "chat/edit",
      'const content = await sanitizeContent({ ...before, ...changes }); checkNotEmpty("edit", content);',
      'const content = { ...before, ...changes }; checkNotEmpty("edit", content);',
    ],
    "an edit tells the text that its type has sanitised": ["chat/edit", "content.text === before.text", "true"],
    "history shows an edit with edited": ["chat/edit", "{ ...content, edited: timestamp }", "content"],
    "a retraction is for the sender and owners": [
      "chat/edit",
      "if not (sender == who and role ~= 'visitor' or",
      "if not (role ~= 'visitor' or",
    ],
    "a retraction is for owners, too": [
      "chat/edit",
      "role ~= 'visitor' or retracts and role == 'owner')",
      "role ~= 'visitor')",
    ],
    "a tombstone carries no reactions": [
      "chat/reaction",
      "if (!reactions || TOMBSTONE.test(message)) return message;",
      "if (!reactions) return message;",
    ],
    "the newest message shows its reactions": [
      "chat/thread-view",
      'const veiled = it.kind === "direct" ? blocked : NO_BLOCKS; const last = newest && !isLastHidden && redactMessage(veiled, withReactions(newest, reactions));',
      'const veiled = it.kind === "direct" ? blocked : NO_BLOCKS; const last = newest && !isLastHidden && redactMessage(veiled, newest);',
    ],
    "nobody reacts to what was retracted": [
      "chat/reaction",
      "stamp and not string.find(stamp, ' retracted$') and",
      "stamp and",
    ],
    "at most 20 distinct emoji a message": ["chat/reaction", "DISTINCT_MAX = 20", "DISTINCT_MAX = 21"],
    "a reaction is one RGI emoji": ["schema/emoji", "/^\\p{RGI_Emoji}$/v", "/^\\p{RGI_Emoji}+$/v"],
    "a reaction can be taken back": [
      "chat/reaction",
      "if found and remove then names = rest elseif not found and not remove then names = shortened(names .. ',' .. who) end",
      "if not found and not remove then names = shortened(names .. ',' .. who) end",
    ],
    "an unknown message is message_not_found": [
      "chat/reaction",
      "if not seq then return {'unknown'} end",
      "if not seq then return {'read_only'} end",
    ],
    "a chat state of a stranger is thread_not_found": [
      "chat/chat-state",
      "if not role then return {'not_member'} end",
      "",
    ],
  }),
  ...mutantsOf("chat/rooms", "§5", {
    "a visitor shows no chat state": ["chat/chat-state", "role == 'visitor'", "false"],
    "a visitor does not react": ["chat/reaction", "role == 'visitor'", "false"],
    "a visitor does not edit": [
      "chat/edit",
      "if not (sender == who and role ~= 'visitor' or retracts",
      "if not (sender == who and (role ~= 'visitor' or not retracts) or retracts",
    ],
    "a visitor does not retract": [
      "chat/edit",
      "if not (sender == who and role ~= 'visitor' or retracts",
      "if not (sender == who and (role ~= 'visitor' or retracts) or retracts",
    ],
  }),
  ...mutantsOf("chat/block", "§5", {
    "of a blocked message the number is left": [
      "chat/block",
      "if (since === undefined) return event; const stanza = v.parse(AnyStanza, event.body);",
      "if (since !== null) return event; const stanza = v.parse(AnyStanza, event.body);",
    ],
    "of anything else of theirs nothing is": [
      "chat/block",
      'const stanza = v.parse(AnyStanza, event.body); if (stanza.type !== "message") return undefined;',
      'const stanza = v.parse(AnyStanza, event.body); if (stanza.type !== "message") return event;',
    ],
    "what was said before the block stays": ["chat/block", "if (message.timestamp < since) return event;", ""],
    "the history is veiled, too": [
      "chat/block",
      "if (blocked.size === 0) return message;",
      "if (blocked.size >= 0) return message;",
    ],
    "the newest message is veiled with all it carries": [
      "chat/thread-view",
      'const veiled = it.kind === "direct" ? blocked : NO_BLOCKS; const last = newest && !isLastHidden && redactMessage(veiled, withReactions(newest, reactions));',
      'const veiled = it.kind === "direct" ? blocked : NO_BLOCKS; const last = newest && !isLastHidden && withReactions(redactMessage(veiled, newest), reactions);',
    ],
    "what only blocked users said is not unread, nor in a resync": [
      "chat/thread-view",
      "silenced.has(it.id) ? { ...it, unread: 0 } : it",
      "it",
    ],
    "what was said before the block stays in the history": [
      "chat/block",
      "since === undefined || timestamp < since ? message : JSON.stringify({ id, thread, seq, blocked: true })",
      "since === undefined ? message : JSON.stringify({ id, thread, seq, blocked: true })",
    ],
    "nobody whom one blocks is in a roster": [
      "presence/roster",
      "[encode(of.entity), ...of.blocked.keys()]",
      "[encode(of.entity)]",
    ],
    "nothing is seen of the presence of who is blocked": [
      "log/membership-cache",
      "event.by !== member.by && !member.blocked.has(event.by) && threadsOf(event).some((it) => (member.memberships.get(it) ?? 0) > 0)",
      "event.by !== member.by && threadsOf(event).some((it) => (member.memberships.get(it) ?? 0) > 0)",
    ],
    "nobody blocked invites, warm": [
      "log/tail-memory",
      "invited(event) && this.#memberships.blocks(entity, event.by)",
      "false",
    ],
    "nobody blocked invites, cold": [
      "chat/open-thread",
      "if blocked[i] then redis.call('HSET', thread, 'unaware:' .. members[i], '1') else redis.call('HSET', threadsOf(i), id, joined[i]) end",
      "redis.call('HSET', threadsOf(i), id, joined[i])",
    ],
    "a block can be taken back": ["chat/block", 'remove ? "1" : "0"', '"0"'],
  }),
  ...mutantsOf("chat/thread-settings", "§5", {
    "of a muted thread nothing is unread": [
      "chat/thread-view",
      "role === null || muted ? 0 : countUnread(seq, read ?? 0, retracted)",
      "role === null ? 0 : countUnread(seq, read ?? 0, retracted)",
    ],
    "nor in a resync": [
      "chat/thread-view",
      "muted ? 0 : countUnread(seq ?? 0, read ?? 0, retracted)",
      "countUnread(seq ?? 0, read ?? 0, retracted)",
    ],
    "a hidden thread is not listed": [
      "chat/thread-list",
      '(hidden === true) === (only === "hidden") && (only !== "pinned" || pinned === true)',
      'only !== "pinned" || pinned === true',
    ],
    "a hidden thread is listed from its next message on": [
      "chat/thread-view",
      "hiddenAt !== null && hiddenAt >= seq",
      "hiddenAt !== null",
    ],
    "a thread can be pinned": [
      "chat/thread-settings",
      "set(hidden, hide, hiddenAt and tonumber(hiddenAt) >= tonumber(seq), seq) set(pinned, pin, isPinned, '1')",
      "set(hidden, hide, hiddenAt and tonumber(hiddenAt) >= tonumber(seq), seq)",
    ],
    "a thread can be marked as unread": [
      "chat/thread-settings",
      "set(marked, mark, isMarked, '1') if rings ~= '' and rings ~= notified then",
      "if rings ~= '' and rings ~= notified then",
    ],
    "pins are forgotten on leaving": [
      "chat/thread-admin",
      "function(one) return 'pinned:' .. one.who, 'marked:' .. one.who, 'notify:' .. one.who,",
      "function(one) return 'notify:' .. one.who,",
    ],
    "settings are a member's": ["chat/thread-settings", "if not role then return {'not_member'} end", ""],
    "settings are forgotten on leaving": [
      "chat/thread-admin",
      "'from:' .. one.who, 'muted:' .. one.who, 'hidden:' .. one.who, 'unaware:' .. one.who, 'told:' .. one.who end)",
      "'from:' .. one.who, 'unaware:' .. one.who, 'told:' .. one.who end)",
    ],
    "setting what is set changes nothing": ["chat/thread-settings", "if #on + #off == 0 then return {'ok'} end", ""],
  }),
  ...mutantsOf("contract/threads", "§5", {
    "the pinned are listed alone": [
      "chat/thread-list",
      '(hidden === true) === (only === "hidden") && (only !== "pinned" || pinned === true)',
      '(hidden === true) === (only === "hidden")',
    ],
  }),
];
