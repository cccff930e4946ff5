import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { v5 } from "uuid";
import { afterAll, expect, test } from "vitest";
import { createChat } from "../../lib/mount/mounted-chat.js";
import { somebody } from "../support/outsider.js";
import { blocksOf } from "./markdown.js";

// The programs that bring old conversations along, as the pages have them, on the data of services that stand in for the real ones.

const chat = createChat({ log: "silent" });
afterAll(() => chat.close());

/** Runs the program of a page in which the names of its imports have these values. */
async function bring(path: string, imported: Record<string, unknown>): Promise<void> {
  const blocks = blocksOf({ path, text: readFileSync(path, "utf8") });
  const program = blocks.find(({ code }) => code.includes("importMessages"))?.code.replace(/^import .*$/gm, "");
  const globals = { URLSearchParams, process, fetch: imported.fetch };
  await runInNewContext(`(async () => {${program}})()`, { ...globals, ...imported, server: () => chat.server, v5 });
}

/** What a room has: its messages as the pages promise them, by name. */
async function read(room: string) {
  const { messages } = await chat.server.messages(room);
  const nameOf = (id: unknown) => messages.findIndex((it) => it.id === id) + 1;
  return messages.map(({ seq, text, sender, timestamp, replyTo, attachments }) => ({
    ...{ seq, text, timestamp, sender: Object(sender).displayName, files: attachments },
    ...(replyTo === undefined ? {} : { replyTo: nameOf(replyTo) }),
  }));
}

const at = (minute: number) => `2024-05-01T10:${`${minute}`.padStart(2, "0")}:00.000Z`;
const [ann, ben] = [somebody("ann"), somebody("ben")];

test("docs/from-stream.md brings channels of Stream along, twice as well as once", async () => {
  const users = [
    { id: ann, name: "Ann", image: "https://pictures.example/ann.png" },
    { id: ben, name: "Ben" },
  ];
  const [one, other] = users;
  const messages = Array.from({ length: 101 }, (_, i) => ({
    ...{ id: `${ann}-${i}`, type: "regular", text: `Message ${i}`, user: i % 2 ? one : other, created_at: at(0) },
    attachments: [],
  }));
  const told = { ...messages[0], id: "told", text: "Look", created_at: at(1), reply_count: 1 };
  const picture = { image_url: "https://cdn.example/1.png", title: "1.png", mime_type: "image/png" };
  const reply = { id: "reply", type: "reply", parent_id: "told", user: one, created_at: at(2), attachments: [picture] };
  const last = { ...messages[0], id: "last", text: "Bye", created_at: at(3), quoted_message_id: "told" };
  const all = [...messages, told, { ...told, id: "gone", type: "deleted" }, last];
  const channel = (id: string, name: string, history: typeof all) => ({
    id,
    data: { name, created_at: at(0), created_by: other },
    state: { members: Object.fromEntries(users.map((user) => [user.id, { user }])) },
    async query({ messages: { limit, id_lt } }: { messages: { limit: number; id_lt?: string } }) {
      const end = id_lt === undefined ? history.length : history.findIndex((it) => it.id === id_lt);
      return { messages: history.slice(Math.max(0, end - limit), end) };
    },
    getReplies: async () => ({ messages: [reply] }),
  });
  const room = somebody("room").replace(",", "-");
  const queryChannels = async () => [channel(room, "Tea", all), channel("!members-x", "", [last])];
  const StreamChat = { getInstance: () => ({ queryChannels }) };
  await bring("docs/from-stream.md", { StreamChat });
  await bring("docs/from-stream.md", { StreamChat });
  const found = await read(room);
  const file = { url: picture.image_url, name: "1.png", contentType: "image/png" };
  expect(found.slice(-3)).toMatchObject([
    { seq: 102, text: "Look", sender: "Ben", timestamp: at(1), files: [] },
    { seq: 103, sender: "Ann", timestamp: at(2), files: [file] },
    { seq: 104, text: "Bye", sender: "Ben", timestamp: at(3) },
  ]);
  expect([found.at(-1)?.replyTo, found.at(-2)?.replyTo]).toEqual([found.length - 2, found.length - 2]);
  const { threads } = await chat.server.threads(ann);
  expect(threads.map(({ kind, seq, unread, subject }) => ({ kind, seq, unread, subject }))).toEqual(
    expect.arrayContaining([
      { kind: "room", seq: 104, unread: 0, subject: "Tea" },
      { kind: "direct", seq: 1, unread: 0, subject: undefined },
    ]),
  );
});

test("docs/from-sendbird.md brings channels of Sendbird along, twice as well as once", async () => {
  const [cid, dan] = [somebody("cid"), somebody("dan")];
  const members = [
    { user_id: cid, nickname: "Cid", profile_url: "" },
    { user_id: dan, nickname: "Dan", profile_url: "https://pictures.example/dan.png" },
  ];
  const messages = Array.from({ length: 201 }, (_, i) => ({
    ...{ message_id: i + 1, user: members[i % 2], message: `Message ${i}`, created_at: Date.parse(at(0)) + i },
  }));
  const file = { url: "https://files.example/1.pdf", name: "1.pdf", type: "application/pdf", size: 17 };
  const rest = [
    { message_id: 900, user: members[0], file, created_at: Date.parse(at(1)), parent_message_id: 201 },
    { message_id: 901, user: members[0], message: "", is_removed: true, created_at: Date.parse(at(2)) },
    { message_id: 902, message: "Closed", created_at: Date.parse(at(3)) },
  ];
  const url = `sendbird_group_channel_${cid}`;
  const channel = { channel_url: url, name: "Tea", is_distinct: false, created_by: members[0], members };
  const fetch = async (asked: string) => {
    const { pathname, searchParams } = new URL(asked);
    const since = Number(searchParams.get("message_ts"));
    const found = [...messages, ...rest].filter((it) => it.created_at >= since).slice(0, 200);
    return Response.json(pathname.endsWith("/messages") ? { messages: found } : { channels: [channel], next: "" });
  };
  await bring("docs/from-sendbird.md", { fetch });
  await bring("docs/from-sendbird.md", { fetch });
  const found = await read(v5(url, v5.URL));
  const { type, ...attachment } = file;
  expect(found.slice(-3)).toMatchObject([
    { seq: 201, text: "Message 200", sender: "Cid" },
    { seq: 202, sender: "Cid", timestamp: at(1), files: [{ ...attachment, contentType: type }] },
    { seq: 203, text: "Closed", timestamp: at(3) },
  ]);
  expect(found.at(-2)?.replyTo).toBe(found.length - 2);
  const { threads } = await chat.server.threads(dan);
  expect(threads).toMatchObject([{ kind: "room", seq: 203, unread: 0, subject: "Tea" }]);
});
