import { afterEach, describe, expect, it } from "vitest";
import type { Chat, ChatEvent } from "../../../lib/client/protocol/chat.js";
import { ChatError } from "../../../lib/client/protocol/problem.js";
import type { HistoryPage, Message, Thread } from "../../../lib/client/protocol/stanza.js";
import { unread } from "../../../lib/client/view/conversation.js";
import { sorted } from "../../../lib/client/view/inbox.js";
import { Mirror } from "../../../lib/client/view/mirror.js";
import { nameOf } from "../../../lib/client/view/title.js";

const at = (minute: number) => new Date(Date.UTC(2026, 1, 10, 15, minute)).toISOString();
const message = (seq: number, more: Partial<Message> = {}): Message => ({
  ...{ id: `m${seq}`, thread: "t", seq, timestamp: at(seq), sender: { id: "ben" }, text: `no ${seq}` },
  ...more,
});
const thread = (id: string, more: Partial<Thread> = {}): Thread => ({
  ...{ id, kind: "room", seq: 0, unread: 0, created: at(0), updated: at(0), memberCount: 2 },
  members: ["ann", "ben"].map((entity) => ({ entity, role: "member", read: 0, actor: { id: entity } })),
  ...more,
});
const busy = () => Promise.reject(new ChatError({ code: "unavailable", status: 503 }));
const by = { entity: "ben", by: "ben", timestamp: at(9) };

let mirror: Mirror | undefined;
afterEach(() => mirror?.close());

/** A mirror of a chat that is told what to answer and what happens. */
function mirrored(answers: Partial<Chat>) {
  const listeners = new Map<string, (event: never) => void>();
  const unexpected = () => Promise.reject(new Error("Cannot answer"));
  const chat = {
    ...{ me: { id: "ann" }, state: "online" as "online" | "offline" },
    continuity: { answers: 0, stanzas: 0, messages: 0, resyncs: 0, breaks: 0, holes: 0, repeats: 0 },
    on: (type: string, listener: (event: never) => void) => {
      listeners.set(type, listener);
      return () => void listeners.delete(type);
    },
    [Symbol.asyncIterator]: () => ({ next: unexpected }),
    ...{ send: unexpected, withdraw: unexpected, edit: unexpected, retract: unexpected, react: unexpected },
    ...{ read: unexpected, typing: unexpected, presence: unexpected, history: unexpected, create: unexpected },
    ...{ search: unexpected, preview: unexpected, members: unexpected, push: unexpected, stopPush: unexpected },
    ...{ files: unexpected, upload: unexpected },
    ...{
      change: unexpected,
      invite: unexpected,
      readInvite: unexpected,
      join: unexpected,
      block: unexpected,
      reportMessage: unexpected,
      setting: unexpected,
    },
    ...{ report: unexpected, close: unexpected, forget: unexpected },
    ...{ thread: unexpected, threads: async () => [thread("t", { seq: 9, last: message(9) })] },
    ...{ friends: async () => [], actors: async () => [], blocks: async () => [] },
    ...answers,
  };
  const it = new Mirror(chat);
  mirror = it;
  const happens = (event: ChatEvent) => Reflect.apply(listeners.get(event.type) ?? unexpected, undefined, [event]);
  const texts = () => it.inbox.conversations.get("t")?.entries.map(({ text }) => text);
  return { it, chat, happens, texts, conversation: () => it.inbox.conversations.get("t") };
}

describe("Mirror", () => {
  it("applies to a page of history the events that arrive while it is loading", async () => {
    let answer: (page: HistoryPage) => void = () => {};
    const history = () => new Promise<HistoryPage>((resolve) => (answer = resolve));
    const { it, happens, conversation } = mirrored({ history });
    await it.started;
    const opened = it.open("t");
    happens({ type: "retract", retract: { thread: "t", id: "M7", ...by } });
    happens({ type: "edit", edit: { thread: "t", id: "m8", text: "better", ...by } });
    happens({ type: "reaction", reaction: { thread: "t", id: "m8", emoji: "👍", ...by } });
    answer({ messages: [7, 8, 9].map((seq) => message(seq)), first: 1, last: 9 });
    await opened;
    const [seventh, eighth] = conversation()?.entries ?? [];
    expect(seventh).toMatchObject({ id: "m7", retracted: by.timestamp });
    expect(seventh?.text).toBeUndefined();
    expect(eighth).toMatchObject({ text: "better", reactions: { "👍": ["ben"] } });
  });

  it("loads what was opened offline once the chat is online", async () => {
    let online = false;
    const history = async () => (online ? { messages: [message(8), message(9)], first: 8, last: 9 } : busy());
    const { it, chat, happens, texts } = mirrored({ history });
    await it.started;
    chat.state = "offline";
    await expect(it.open("t")).rejects.toMatchObject({ code: "unavailable" });
    [online, chat.state] = [true, "online"];
    happens({ type: "state", state: "online" });
    await expect.poll(texts).toEqual(["no 8", "no 9"]);
  });

  it("loads many threads again by pages, and one by one only what no page has", async () => {
    const ids = Array.from({ length: 250 }, (_, i) => `t${i}`);
    const asked: string[] = [];
    let [round, failures] = [1, 1];
    const threads = async ({ limit = 0, before = "0" } = {}) => {
      asked.push(`page ${before}`);
      if (round === 2 && before === "200" && failures-- > 0) return busy();
      const page = ids
        .slice(Number(before), Number(before) + limit)
        .map((id) =>
          thread(id, { subject: `round ${round}`, seq: round * 3, last: message(round * 3, { thread: id }) }),
        );
      return Object.assign(page, Number(before) + limit < ids.length ? { before: `${Number(before) + limit}` } : {});
    };
    const history = async (id: string) => {
      return { messages: [message(round * 3, { thread: id })], first: 1, last: round * 3 };
    };
    const { it, happens } = mirrored({
      ...{ threads, history },
      thread: async (id) => {
        asked.push(id);
        return thread(id, { subject: `round ${round}` });
      },
    });
    await it.all();
    await it.open("t120");
    [round, asked.length] = [2, 0];
    const named = [...ids, "hidden one", "hidden two"].map((id) => ({ id, seq: 2, unread: 0 }));
    for (let at = 0; at < named.length; at += 80)
      happens({ type: "resync", reason: "epoch", threads: named.slice(at, at + 80) });
    const renewed = () =>
      [...it.inbox.conversations.values()].filter(({ thread: { subject } }) => subject === "round 2").length;
    await expect.poll(renewed, { timeout: 6_000 }).toBe(252);
    expect(asked.filter((it) => !it.startsWith("page"))).toEqual(["hidden one", "hidden two"]);
    expect(asked.length).toBeLessThan(15);
    // Its newest message does not follow what was loaded.
    await expect.poll(() => it.inbox.conversations.get("t120")?.older).toBe(true);
    expect(it.inbox.conversations.get("t121")?.older).toBeUndefined();
    asked.length = 0;
    happens({ type: "resync", reason: "trimmed", threads: named.slice(3, 6) });
    await expect.poll(() => asked).toEqual(["t3", "t4", "t5"]);
  });

  it("loads the blocks again after a failure", async () => {
    let online = false;
    const { it, happens } = mirrored({ blocks: async () => (online ? ["eve"] : busy()) });
    await it.started;
    await Promise.resolve();
    online = true;
    happens({ type: "state", state: "online" });
    await expect.poll(() => [...it.inbox.blocked]).toEqual(["eve"]);
  });

  it("loads again what an event only announced, when that failed while the chat was online", async () => {
    let failures = 2;
    const find = async (id: string) => (failures-- > 0 ? busy() : thread(id, { seq: 1 }));
    const { it, happens } = mirrored({ thread: find });
    await it.started;
    happens({ type: "message", message: message(1, { thread: "new", text: "psst" }) });
    const texts = () => it.inbox.conversations.get("new")?.entries.map(({ text }) => text);
    await expect.poll(texts, { timeout: 8_000 }).toEqual(["psst"]);
  });

  it("asks again for the names of users when that failed while the chat was online", async () => {
    let failures = 1;
    const actors = async () => (failures-- > 0 ? busy() : [{ id: "cid", displayName: "Cid" }]);
    const { it, happens } = mirrored({ actors });
    await it.started;
    happens({ type: "thread", thread: { ...by, id: "t", action: "added", entities: ["cid"] } });
    await expect.poll(() => nameOf(it.inbox, "cid"), { timeout: 6_000 }).toBe("Cid");
  });

  it("keeps a user who was blocked while the list was loading", async () => {
    let answer: (blocked: string[]) => void = () => {};
    const { it, happens } = mirrored({ blocks: () => new Promise((resolve) => (answer = resolve)) });
    await it.started;
    happens({ type: "block", block: { entity: "eve", timestamp: at(1) } });
    answer(["dan"]);
    await expect.poll(() => [...it.inbox.blocked].sort()).toEqual(["dan", "eve"]);
  });

  it("names users who join, type or react, asking once for all", async () => {
    const asked: (string[] | undefined)[] = [];
    const actors = async (ids?: string[]) => {
      asked.push(ids);
      return ["cid", "dan", "flo"].map((id) => ({ id, displayName: id.toUpperCase() }));
    };
    const { it, happens } = mirrored({ actors });
    await it.started;
    happens({ type: "thread", thread: { ...by, id: "t", action: "added", entities: ["cid", "eve"] } });
    happens({ type: "typing", thread: "t", entity: "dan", state: "composing" });
    happens({ type: "reaction", reaction: { thread: "t", id: "m9", emoji: "👍", ...by, entity: "flo" } });
    await expect.poll(() => nameOf(it.inbox, "cid")).toBe("CID");
    expect(nameOf(it.inbox, "flo")).toBe("FLO");
    expect(nameOf(it.inbox, "dan")).toBe("DAN");
    happens({ type: "thread", thread: { ...by, id: "t", action: "subject", subject: "Tea" } });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked).toEqual([["cid", "eve", "dan", "flo"]]);
  });

  it("loads the pinned conversations among the older ones at once, and shows them first", async () => {
    const all = Array.from({ length: 100 }, (_, i) => thread(`t${i}`, { updated: at(1_000 - i) }));
    const old = [thread("old", { pinned: true }), thread("older", { pinned: true, created: "", updated: "" })];
    const threads: Chat["threads"] = async ({ before, only } = {}) => {
      if (only === undefined) return Object.assign([...all], { before: "t99" });
      return before === undefined ? Object.assign(old.slice(0, 1), { before: "old" }) : old.slice(1);
    };
    const { it } = mirrored({ threads });
    await it.started;
    await expect.poll(() => it.inbox.conversations.size).toBe(102);
    expect(
      sorted(it.inbox)
        .map(({ thread }) => thread.id)
        .slice(0, 3),
    ).toEqual(["old", "older", "t0"]);
  });

  it("shows the history around a message apart, until the pages between have been loaded or the user comes back", async () => {
    const asked: object[] = [];
    const history: Chat["history"] = async (_, query = {}) => {
      asked.push(query);
      const { around, before, after } = query;
      const from = around !== undefined ? Number(around) - 25 : after !== undefined ? after + 1 : (before ?? 401) - 50;
      const [first, last] = [Math.max(1, from), Math.min(400, from + 49)];
      const messages = Array.from({ length: last - first + 1 }, (_, i) => message(first + i));
      return { messages, first: 1, last: 400 };
    };
    const { it, happens, conversation } = mirrored({
      history,
      threads: async () => [thread("t", { seq: 400, last: message(400) })],
    });
    const span = () => {
      const entries = (conversation()?.apart ?? conversation())?.entries ?? [];
      return [conversation()?.apart !== undefined, entries[0]?.seq, entries.at(-1)?.seq];
    };
    await it.started;
    await it.open("t");
    expect(span()).toEqual([false, 350, 400]);
    await it.history.around("t", 200);
    expect(span()).toEqual([true, 175, 224]);
    happens({ type: "edit", edit: { thread: "t", id: "m200", text: "better", ...by } });
    expect(conversation()?.apart?.entries.find(({ id }) => id === "m200")?.text).toBe("better");
    happens({ type: "message", message: message(401) });
    await Promise.all([it.older("t"), it.older("t"), it.history.newer("t")]);
    expect(span()).toEqual([true, 125, 274]);
    await it.history.newer("t");
    await it.history.newer("t");
    expect(span()).toEqual([false, 125, 401]);
    expect(conversation()?.entries).toHaveLength(277);
    expect(conversation()?.older).toBe(true);
    await it.history.around("t", 60);
    expect(span()).toEqual([true, 35, 84]);
    await it.history.around("t", "M390");
    expect(span()).toEqual([false, 125, 401]);
    expect(asked).toHaveLength(7);
  });

  it("loads every conversation, page by page, past one that was deleted meanwhile, as the deployment says where to go on", async () => {
    const all = Array.from({ length: 230 }, (_, i) => thread(`t${i}`, { updated: at(1_000 - i) }));
    const asked: (string | undefined)[] = [];
    // As the deployment does it: it names the thread to go on with, and does not find one that was deleted meanwhile.
    const threads: Chat["threads"] = async ({ before, only, limit = 50 } = {}) => {
      if (only === "pinned") return [];
      asked.push(before);
      if (before === "t99") throw new ChatError({ code: "thread_not_found", status: 404 });
      const byId = all.findIndex(({ id }) => id === before);
      const from = before === undefined ? 0 : byId >= 0 ? byId + 1 : all.findIndex((it) => it.updated < before);
      // The page of the middle is cut, as one that would be too large is.
      const page = all.slice(from, from + (from === 100 ? 40 : limit));
      const last = page.at(-1)?.id;
      return Object.assign(page, last === undefined || last === "t229" ? {} : { before: last });
    };
    const { it } = mirrored({ threads });
    await it.started;
    expect([it.inbox.conversations.size, it.inbox.more]).toEqual([100, true]);
    await Promise.all([it.more(), it.more()]);
    expect([it.inbox.conversations.size, it.inbox.more]).toEqual([140, true]);
    await it.all();
    expect([it.inbox.conversations.size, it.inbox.more]).toEqual([230, false]);
    expect(asked).toEqual([undefined, "t99", at(901), "t139"]);
    expect(sorted(it.inbox).map(({ thread }) => thread.id)).toEqual(all.map(({ id }) => id));
  });

  it("stops at a page of conversations that leads to itself", async () => {
    const page = Object.assign([thread("t")], { before: "t" });
    const { it } = mirrored({ threads: async () => page });
    await it.all();
    expect(it.inbox.more).toBe(false);
  });

  it("shows the unread count of the deployment, also once a room is no longer muted", async () => {
    const muted = thread("t", { seq: 9, muted: true, last: message(9) });
    const heard = thread("t", { seq: 10, unread: 3, last: message(10) });
    const { it, happens, conversation } = mirrored({ threads: async () => [muted], thread: async () => heard });
    await it.started;
    const shown = () => unread(conversation() ?? raise());
    happens({ type: "message", message: message(10) });
    expect(shown()).toBe(0);
    happens({ type: "setting", setting: { thread: "t", muted: false } });
    await expect.poll(shown).toBe(3);
    happens({ type: "message", message: message(11) });
    happens({ type: "message", message: { id: "b", thread: "t", seq: 12, timestamp: "", blocked: true } });
    expect(shown()).toBe(4);
    happens({ type: "retract", retract: { thread: "t", id: "m11", ...by } });
    expect(shown()).toBe(3);
    happens({ type: "receipt", receipt: { thread: "t", seq: 12, entity: "ann", timestamp: at(12) } });
    expect(shown()).toBe(0);
  });

  it("forgets who is present while there is no connection, and loads it again", async () => {
    const friend = { entity: "ben", actor: { id: "ben" }, available: true, since: at(1) };
    const { it, happens } = mirrored({ friends: async () => [friend] });
    await it.started;
    happens({ type: "presence", presence: [friend] });
    happens({ type: "state", state: "offline" });
    expect(it.inbox.presence.size).toBe(0);
    happens({ type: "state", state: "online" });
    await expect.poll(() => it.inbox.presence.size, { timeout: 3_000 }).toBe(1);
  });
});

function raise(): never {
  throw new Error("No such thread");
}
