import { describe, expect, it } from "vitest";
import type { Message, Thread } from "../../../lib/client/protocol/stanza.js";
import {
  addMessage,
  applyEdit,
  applyReaction,
  applyRetraction,
  type Conversation,
  discard,
  expireTyping,
  fromThread,
  markDelivered,
  markRead,
  oldest,
  prependHistory,
  replaceHistory,
  setTyping,
  unread,
} from "../../../lib/client/view/conversation.js";
import type { Entry } from "../../../lib/client/view/entry.js";
import { progress, readers } from "../../../lib/client/view/progress.js";

const at = "2026-02-10T15:04:55.000Z";
const message = (seq: number, by = "ben", more: Partial<Message> = {}): Message => ({
  ...{ id: `m${seq}`, thread: "t", seq, timestamp: at, sender: { id: by }, text: `no ${seq}` },
  ...more,
});
const thread = (seq: number, unread = 0): Thread => ({
  ...{ id: "t", kind: "direct", seq, unread, created: at, updated: at, memberCount: 2 },
  members: [
    { entity: "ann", role: "member", read: seq - unread },
    { entity: "ben", role: "member", read: 0 },
  ],
  ...(seq === 0 ? {} : { last: message(seq) }),
});
const waiting = (id: string): Entry => ({
  ...{ ...message(0, "ann"), id },
  ...{ seq: Number.POSITIVE_INFINITY, pending: true },
});
const ids = ({ entries }: Conversation) => entries.map(({ id }) => id);
const all = (...entries: Entry[]) =>
  entries.reduce((conversation, it) => addMessage(conversation, it, "ann"), fromThread(thread(0)));

describe("addMessage()", () => {
  it("keeps the order of the thread, whatever arrives first", () => {
    expect(ids(all(message(1), message(3), message(2)))).toEqual(["m1", "m2", "m3"]);
  });

  it("ignores a message far before the loaded ones, which the history will bring", () => {
    const known = fromThread(thread(5));
    expect(ids(addMessage(addMessage(known, message(2), "ann"), message(4), "ann"))).toEqual(["m4", "m5"]);
  });

  it("shows a message once, however often it arrives", () => {
    expect(ids(all(message(1), message(2), message(1)))).toEqual(["m1", "m2"]);
  });

  it("puts a pending message last, and a delivered one in its place", () => {
    const before = all(message(1), waiting("mine"), message(2));
    expect(ids(before)).toEqual(["m1", "m2", "mine"]);
    const sent = addMessage(before, message(3, "ann", { id: "mine" }), "ann");
    expect(ids(addMessage(sent, message(4), "ann"))).toEqual(["m1", "m2", "mine", "m4"]);
    expect(sent.entries.at(-1)?.pending).toBeUndefined();
  });

  it("keeps a delivered message when its echo comes late", () => {
    expect(all(message(1, "ann", { id: "mine" }), waiting("mine")).entries.map(({ seq }) => seq)).toEqual([1]);
  });

  it("counts messages of others as unread, and marks them as read by sending", () => {
    const said = all(message(1), message(2));
    expect(unread(said)).toBe(2);
    expect(unread(addMessage(said, message(3, "ann"), "ann"))).toBe(0);
  });

  it("counts no message twice that the thread has counted", () => {
    const known = fromThread(thread(5, 2));
    expect(unread(addMessage(known, message(5), "ann"))).toBe(2);
    expect(unread(addMessage(known, message(6), "ann"))).toBe(3);
  });

  it("ends the typing of its sender", () => {
    const typing = setTyping(all(), "ben", "composing", 0);
    expect(addMessage(typing, message(1), "ann").typing.size).toBe(0);
  });
});

describe("prependHistory()", () => {
  it("adds older messages before the loaded ones, each once", () => {
    const it = prependHistory(fromThread(thread(5)), { messages: [3, 4, 5].map((seq) => message(seq)), first: 1 });
    expect(ids(it)).toEqual(["m3", "m4", "m5"]);
    expect([it.older, oldest(it)]).toEqual([true, 3]);
  });

  it("ignores a page that would leave a gap: it was requested when more was loaded", () => {
    const loaded = prependHistory(fromThread(thread(9)), { messages: [7, 8, 9].map((seq) => message(seq)), first: 1 });
    const shorter = replaceHistory(loaded, [message(9)]);
    expect(prependHistory(shorter, { messages: [5, 6].map((seq) => message(seq)), first: 1 })).toBe(shorter);
    expect(shorter.older).toBe(true);
  });

  it("knows when there are no older messages", () => {
    expect(prependHistory(fromThread(thread(2)), { messages: [message(1), message(2)], first: 1 }).older).toBe(false);
    expect(prependHistory(all(waiting("mine")), { messages: [], first: 1 }).older).toBe(false);
  });
});

describe("replaceHistory()", () => {
  it("shows the current history, and keeps pending messages", () => {
    const before = all(message(1), message(2), waiting("mine"), waiting("sent"));
    const after = replaceHistory(before, [message(2, "ben", { text: "edited" }), message(7, "ann", { id: "sent" })]);
    expect(ids(after)).toEqual(["m2", "sent", "mine"]);
    expect(after.entries[0]?.text).toBe("edited");
  });

  it("forgets whether there are older messages", () => {
    const whole = prependHistory(fromThread(thread(2)), { messages: [message(1), message(2)], first: 1 });
    expect(replaceHistory(whole, [message(2)]).older).toBe(true);
    expect(replaceHistory(whole, [message(1), message(2)]).older).toBe(false);
    expect(replaceHistory(fromThread(thread(2)), [message(2)]).older).toBeUndefined();
  });
});

describe("a message", () => {
  it("can be edited", () => {
    const [entry] = applyEdit(all(message(1)), "m1", { text: "better" }, "later").entries;
    expect(entry).toMatchObject({ text: "better", edited: "later", seq: 1 });
  });

  it("keeps only its position when it is retracted", () => {
    const it = applyRetraction(all(message(1)), "m1", "later");
    expect(it.entries).toEqual([{ id: "m1", thread: "t", seq: 1, timestamp: at, retracted: "later" }]);
    expect(it.thread.last?.text).toBeUndefined();
  });

  it("carries each reaction of each user once, until it is removed", () => {
    const once = applyReaction(all(message(1)), "m1", "👍", "ann", false);
    const twice = applyReaction(applyReaction(once, "m1", "👍", "ann", false), "m1", "👍", "ben", false);
    expect(twice.entries[0]?.reactions).toEqual({ "👍": ["ann", "ben"] });
    const none = applyReaction(applyReaction(twice, "m1", "👍", "ann", true), "m1", "👍", "ben", true);
    expect(none.entries[0]?.reactions).toEqual({});
  });

  it("can be discarded only if it was refused", () => {
    const refused: Entry = { ...waiting("no"), refused: { code: "too_large", status: 413 } };
    expect(ids(discard(discard(all(message(1), refused), "no"), "m1"))).toEqual(["m1"]);
  });

  it("changes nothing if it is not loaded", () => {
    const it = all(message(1));
    expect(applyEdit(it, "other", { text: "x" }, at)).toBe(it);
  });
});

describe("progress()", () => {
  const sent = all(message(1, "ann"), waiting("mine"));
  const of = (it: Conversation, i: number) => progress(it, it.entries[i] ?? message(0), "ann");

  it("goes from pending by sent and delivered to read", () => {
    expect(of(sent, 1)).toBe("pending");
    expect(of(sent, 0)).toBe("sent");
    expect(of(markDelivered(sent, 1), 0)).toBe("delivered");
    expect(of(markRead(sent, "ben", 1, "ann"), 0)).toBe("read");
    expect(readers(markRead(sent, "ben", 1, "ann"), 1, "ann")).toEqual(["ben"]);
  });

  it("is read when another member sends a message after it", () => {
    expect(of(addMessage(sent, message(2), "ann"), 0)).toBe("read");
  });

  it("never goes back", () => {
    expect(of(markDelivered(markDelivered(sent, 1), 0), 0)).toBe("delivered");
    expect(of(markRead(markRead(sent, "ben", 1, "ann"), "ben", 0, "ann"), 0)).toBe("read");
  });
});

describe("setTyping()", () => {
  it("shows a user as typing until they stop, or for 10 s", () => {
    const typing = setTyping(all(), "ben", "composing", 1_000);
    expect([...typing.typing.keys()]).toEqual(["ben"]);
    expect(setTyping(typing, "ben", "paused", 2_000).typing.size).toBe(0);
    expect(expireTyping(typing, 10_999)).toBe(typing);
    expect(expireTyping(typing, 11_001).typing.size).toBe(0);
    // The clock was set back by a day.
    expect(expireTyping(typing, 1_000 - 86_400_000).typing.size).toBe(0);
  });
});

describe("fromThread()", () => {
  it("starts again from the newest message when messages in between are missing", () => {
    const before = { ...all(message(1), message(2), waiting("mine")), older: false };
    const after = fromThread(thread(9, 3), before);
    expect(ids(after)).toEqual(["m9", "mine"]);
    expect([after.older, unread(after)]).toEqual([undefined, 3]);
  });

  it("keeps the loaded messages when they are up to date", () => {
    const before = all(message(1), message(2));
    expect(ids(fromThread(thread(2), before))).toEqual(["m1", "m2"]);
  });
});
