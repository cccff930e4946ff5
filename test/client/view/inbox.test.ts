import { describe, expect, it } from "vitest";
import type { ChatEvent } from "../../../lib/client/protocol/chat.js";
import type { Message, Thread } from "../../../lib/client/protocol/stanza.js";
import { unread } from "../../../lib/client/view/conversation.js";
import { addThreads, applyEvent, EMPTY, type Inbox, sorted } from "../../../lib/client/view/inbox.js";
import { partner } from "../../../lib/client/view/partner.js";
import { nameOf, titleOf } from "../../../lib/client/view/title.js";

const at = (minute: number) => `2026-02-10T15:${String(minute).padStart(2, "0")}:00.000Z`;
const actor = (id: string) => ({ id, displayName: id.toUpperCase() });
const thread = (id: string, more: Partial<Thread> = {}): Thread => ({
  ...{ id, kind: "room", seq: 0, unread: 0, created: at(0), updated: at(0), memberCount: 2 },
  members: ["ann", "ben"].map((entity) => ({ entity, role: "member", read: 0, actor: actor(entity) })),
  ...more,
});
const message = (to: string, seq: number, minute = seq): Message => ({
  ...{ id: `${to}${seq}`, thread: to, seq, timestamp: at(minute), sender: actor("ben"), text: "hi" },
});
const inbox = addThreads({ ...EMPTY, me: actor("ann") }, [thread("a"), thread("b")]);
const happened = (...events: ChatEvent[]) => events.reduce((it, event) => applyEvent(it, event, 0), inbox);
const by = { entity: "ben", by: "ben", timestamp: at(1) };
const ids = (it: Inbox) => sorted(it).map(({ thread }) => thread.id);

describe("applyEvent()", () => {
  it("moves the thread of a message to the top, and counts the message", () => {
    const it = happened({ type: "message", message: message("b", 1) });
    expect(ids(it)).toEqual(["b", "a"]);
    expect(sorted(it).map(unread)).toEqual([1, 0]);
    expect(ids(applyEvent(it, { type: "message", message: message("a", 1, 9) }, 0))).toEqual(["a", "b"]);
  });

  it("shows an echo and its delivery as one message", () => {
    const echo = { id: "x", thread: "a", timestamp: at(1), sender: actor("ann"), text: "hi" };
    const entries = (it: Inbox) => it.conversations.get("a")?.entries;
    const pending = happened({ type: "message", message: echo, pending: true });
    expect(entries(pending)).toMatchObject([{ id: "x", pending: true }]);
    const refused = applyEvent(
      pending,
      { type: "message", message: echo, refused: { code: "cannot_send", status: 403 } },
      0,
    );
    expect(entries(refused)).toMatchObject([{ id: "x", refused: { code: "cannot_send" } }]);
    const sent = applyEvent(pending, { type: "message", message: { ...message("a", 1), id: "x" } }, 0);
    expect(entries(sent)).toEqual([{ ...message("a", 1), id: "x" }]);
  });

  it("ignores events of unknown threads", () => {
    expect(happened({ type: "message", message: message("other", 1) }).conversations).toEqual(inbox.conversations);
  });

  it("applies new and removed members, roles and subjects", () => {
    const it = happened(
      { type: "thread", thread: { ...by, id: "a", action: "added", entities: ["cat"] } },
      { type: "thread", thread: { ...by, id: "a", action: "removed", entities: ["ben"] } },
      { type: "thread", thread: { ...by, id: "a", action: "role", entities: ["cat"], role: "visitor" } },
      { type: "thread", thread: { ...by, id: "a", action: "subject", subject: "Tea" } },
    );
    expect(it.conversations.get("a")?.thread).toMatchObject({
      ...{ subject: "Tea", memberCount: 2 },
      members: [{ entity: "ann" }, { entity: "cat", role: "visitor" }],
    });
  });

  it("removes a thread that the user was removed from", () => {
    expect(ids(happened({ type: "thread", thread: { ...by, id: "a", action: "removed", entities: ["ann"] } }))).toEqual(
      ["b"],
    );
  });

  it("shows the state of the connection, and stays the same object while that does not change", () => {
    const online = happened({ type: "state", state: "online" });
    expect([inbox.state, online.state]).toEqual(["connecting", "online"]);
    expect(applyEvent(online, { type: "state", state: "online" }, 0)).toBe(online);
  });

  it("removes threads that a resync of another epoch does not name, and none when a thread was trimmed", () => {
    const threads = [{ id: "b", seq: 1, unread: 1 }];
    expect(ids(happened({ type: "resync", reason: "epoch", threads }))).toEqual(["b"]);
    expect(ids(happened({ type: "resync", reason: "trimmed", threads }))).toEqual(["a", "b"]);
  });

  it("applies presence, blocks, and muted and hidden threads", () => {
    const it = happened(
      { type: "presence", presence: [{ entity: "dan", actor: actor("dan"), available: true, since: at(1) }] },
      { type: "block", block: { entity: "eve", timestamp: at(1) } },
      { type: "setting", setting: { thread: "a", muted: true, hidden: true } },
    );
    expect(it.presence.get("dan")?.available).toBe(true);
    expect(nameOf(it, "dan")).toBe("DAN");
    expect(it.blocked.has("eve")).toBe(true);
    expect(it.conversations.get("a")?.thread.muted).toBe(true);
    expect(ids(it)).toEqual(["b"]);
  });

  it("shows a hidden thread again with its next message, and with nothing else", () => {
    const hidden = happened({ type: "setting", setting: { thread: "a", hidden: true } });
    const receipt = { thread: "a", seq: 0, entity: "ben", timestamp: at(1) };
    expect(ids(applyEvent(hidden, { type: "receipt", receipt }, 0))).toEqual(["b"]);
    expect(ids(applyEvent(hidden, { type: "message", message: message("a", 1) }, 0))).toEqual(["a", "b"]);
  });

  it("keeps the time and the place of a thread whose newest message has none", () => {
    const { timestamp: _, ...untimed } = message("a", 2);
    const told = JSON.parse(JSON.stringify({ ...untimed, blocked: true }));
    const it = happened(
      { type: "message", message: message("a", 1, 3) },
      { type: "message", message: told },
      { type: "message", message: message("b", 1, 5) },
    );
    expect(sorted(it).map(({ thread: { id, updated } }) => [id, updated])).toEqual([
      ["b", at(5)],
      ["a", at(3)],
    ]);
  });

  it("ignores extensions with the names of the client's own properties", () => {
    const forged = { ...message("a", 1), refused: { code: "forbidden" }, pending: true };
    const entry = happened({ type: "message", message: forged }).conversations.get("a")?.entries[0];
    expect(entry).toEqual(message("a", 1));
    const listed = addThreads(EMPTY, [thread("a", { seq: 1, last: forged })]);
    expect(listed.conversations.get("a")?.entries).toEqual([message("a", 1)]);
  });

  it("removes a message that its user withdrew", () => {
    const echo = { id: "x", thread: "a", timestamp: at(1), text: "oops" };
    const it = happened(
      { type: "message", message: echo, pending: true },
      { type: "message", message: echo, refused: { code: "withdrawn", status: 0 } },
    );
    expect(it.conversations.get("a")?.entries).toEqual([]);
  });

  it("keeps the user's own membership of a room that names only some of its members", () => {
    const role = happened({
      type: "thread",
      thread: { ...by, id: "a", action: "role", entities: ["ann"], role: "visitor" },
    });
    const members = [{ entity: "ben", role: "owner" as const, read: 0 }];
    const it = addThreads(role, [thread("a", { members, memberCount: 132 })]);
    expect(it.conversations.get("a")?.thread.members.find(({ entity }) => entity === "ann")?.role).toBe("visitor");
  });
});

describe("partner()", () => {
  it("is the other of two, and nobody where there are more, or in a room", () => {
    const members = ["ann", "ben", "cid"].map((entity) => ({ entity, role: "member" as const, read: 0 }));
    const among = (more: Partial<Thread>) =>
      sorted(addThreads(EMPTY, [thread("a", more)])).map((it) => partner(it, "ann"))[0];
    expect(among({ kind: "direct", members: members.slice(0, 2) })).toBe("ben");
    expect(among({ kind: "direct", members })).toBeUndefined();
    expect(among({ kind: "direct", members: members.slice(0, 1) })).toBeUndefined();
    expect(among({ kind: "room", members: members.slice(0, 2) })).toBeUndefined();
  });
});

describe("titleOf()", () => {
  const titled = (more: Partial<Thread>) => {
    const it = addThreads({ ...EMPTY, me: actor("ann") }, [thread("a", more)]);
    return sorted(it).map((conversation) => titleOf(it, conversation))[0];
  };

  it("returns the subject, else the names of the others", () => {
    expect(titled({ subject: "Tea" })).toBe("Tea");
    expect(titled({})).toBe("BEN");
    expect(titled({ members: [{ entity: "ann", role: "owner", read: 0 }] })).toBeUndefined();
  });

  it("names the people of a direct thread, whatever somebody has called it", () => {
    const people = ["ann", "ben", "cid"].map((entity) => ({
      ...{ entity, role: "member" as const, read: 0 },
      actor: actor(entity),
    }));
    const more = { kind: "direct" as const, subject: "Customer support" };
    expect(titled({ ...more, members: people.slice(0, 2) })).toBe("BEN · Customer support");
    expect(titled({ ...more, members: people })).toBe("BEN, CID · Customer support");
    expect(titled({ ...more, members: people.slice(0, 1) })).toBe("Customer support");
  });

  it("names only a few of many members", () => {
    const members = ["b", "c", "d", "e", "f"].map((entity) => ({ entity, role: "member" as const, read: 0 }));
    expect(titled({ members })).toBe("b, c, d, e …");
  });
});
