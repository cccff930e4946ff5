import * as v from "valibot";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type InProcess, inProcess } from "../support/in-process.js";
import { messages, type Outsider, outsider, somebody } from "../support/outsider.js";
import { session } from "../support/site.js";

let chat: InProcess;
let ann: Outsider;
let ben: Outsider;
beforeAll(() => {
  chat = inProcess();
});
afterAll(() => chat.stop());
beforeEach(async () => {
  ann = await outsider(chat, somebody("ann"), { name: "Ann" });
  ben = await outsider(chat, somebody("ben"), { name: "Ben" });
});

const Answer = v.object({ stanzas: v.array(v.looseObject({ presence: v.exactOptional(v.array(v.unknown())) })) });
const Started = v.object({ success: v.literal(true), thread_id: v.string(), members: v.array(v.looseObject({})) });

/** Posts a form of either kind, as a browser does. */
async function post(path: string, fields: Record<string, string | Blob>, multipart = false) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const texts = Object.entries(fields).filter((field): field is [string, string] => typeof field[1] === "string");
  const body = multipart ? form : new URLSearchParams(texts);
  const response = await chat.fetch(path, {
    method: "POST",
    headers: { authorization: `Bearer ${ann.token}` },
    body,
  });
  const json: unknown = await response.json();
  return { status: response.status, json };
}

async function start(): Promise<string> {
  const { json } = await post("start-session", { user: ben.entity });
  return v.parse(Started, json).thread_id;
}

describe("start-session", () => {
  it.each([false, true])(
    "answers with the thread and both people, the same each time; multipart: %s",
    async (multipart) => {
      const first = await post("start-session", { user: ben.entity }, multipart);
      expect(first).toMatchObject({ status: 200, json: { success: true, thread_id: expect.any(String) } });
      expect(
        v
          .parse(Started, first.json)
          .members.map(({ displayName }) => displayName)
          .sort(),
      ).toEqual(["Ann", "Ben"]);
      expect(await ann.call("POST", "start-session", { user: ben.entity })).toMatchObject({ json: first.json });
    },
  );

  it("takes people who are not among the friends, or whom nobody has seen", async () => {
    const nobody = somebody("nobody");
    expect(await post("start-session", { user: nobody })).toMatchObject({
      status: 200,
      json: { members: expect.arrayContaining([{ id: nobody, objectType: "person" }]) },
    });
  });

  it("is refused with oneself", async () => {
    const refusal = { status: 403, json: { code: "forbidden", detail: "user must be another user than yourself" } };
    expect(await post("start-session", { user: ann.entity })).toMatchObject(refusal);
    expect(await ann.call("POST", "start-session", { user: ann.entity })).toMatchObject(refusal);
  });

  it("takes an empty type for none", async () => {
    const sent = await post("send-message", { thread_id: await start(), message: "Hi", type: "" });
    expect(sent).toMatchObject({ status: 200, json: { success: true } });
    expect(messages(await ben.news())).toMatchObject([{ text: "Hi", type: "plain" }]);
  });

  it("names what is missing or wrong", async () => {
    for (const body of [{}, { users: "x" }])
      expect(await ann.call("POST", "start-session", body)).toMatchObject({
        status: 400,
        json: { detail: "user is required" },
      });
    expect(await post("start-session", {})).toMatchObject({ status: 400, json: { detail: "user is required" } });
    for (const user of ["", 2, null, ["x"]])
      expect(await ann.call("POST", "start-session", { user })).toMatchObject({
        status: 400,
        json: { issues: [{ path: "user" }] },
      });
  });
});

describe("send-message", () => {
  it.each([false, true])("sends the text; multipart: %s", async (multipart) => {
    const thread_id = await start();
    const sent = await post("send-message", { thread_id, message: "Hi ✓ + & =" }, multipart);
    expect(sent).toMatchObject({ status: 200, json: { success: true, UUID: expect.any(String) } });
    expect(messages(await ben.news())).toMatchObject([{ thread: thread_id, text: "Hi ✓ + & =", type: "plain" }]);
  });

  it("names what is missing or wrong", async () => {
    const thread_id = await start();
    expect(await post("send-message", { thread_id })).toMatchObject({
      status: 400,
      json: { detail: "message is required" },
    });
    expect(await post("send-message", { message: "Hi" })).toMatchObject({
      status: 400,
      json: { detail: "thread_id is required" },
    });
    expect(await post("send-message", { thread_id: "wrong", message: "Hi" })).toMatchObject({ status: 404 });
    expect(await post("send-message", { thread_id, message: "Hi", type: "markdown" })).toMatchObject({ status: 400 });
    expect(await post("send-message", { thread_id, message: new Blob(["Hi"]) }, true)).toMatchObject({
      status: 400,
      json: { detail: "message: must be a text, not a file" },
    });
    expect(await ann.call("POST", "send-message", { thread_id, message: "Hi", type: null })).toMatchObject({
      status: 200,
    });
  });

  it("says of another content type which ones it takes", async () => {
    const headers = { authorization: `Bearer ${ann.token}`, "content-type": "text/plain" };
    const response = await chat.fetch("send-message", { method: "POST", headers, body: "thread_id=x&message=Hi" });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({
      detail: expect.stringMatching(/x-www-form-urlencoded.*multipart\/form-data.*application\/json/),
    });
  });
});

describe("get-friends", () => {
  it("has the actor as entity, and neither show nor status left out", async () => {
    await ben.say({ to: [ann.entity], text: "Hello" });
    const { json } = await ann.call("GET", "get-friends");
    expect(json).toMatchObject({
      friends: [
        { entity: { id: ben.entity, displayName: "Ben" }, show: "chat", status: null, available: expect.any(Boolean) },
      ],
    });
    expect(await ann.call("GET", "friends")).toMatchObject({ json: { friends: [{ entity: ben.entity }] } });
  });

  it("lists the contacts of the session who have a profile, before anybody has spoken", async () => {
    const headers = {
      authorization: `Bearer ${await session(ann.entity, { contacts: [ben.entity, somebody(), "x*"] })}`,
    };
    expect(await chat.call("GET", "get-friends", { headers })).toMatchObject({
      json: { friends: [{ entity: { id: ben.entity }, available: false }] },
    });
  });
});

describe("a session cookie", () => {
  it.each(["Basic YTpi", "Token bmVyZWlk", "Digest username=a", "Negotiate"])(
    "counts beside the header %s",
    async (authorization) => {
      const headers = { authorization, cookie: `chat_session=${await session(ann.entity)}` };
      for (const [method, path] of [
        ["GET", "get-friends"],
        ["POST", "token"],
        ["GET", "stream?wait=0"],
      ] as const)
        expect(await chat.call(method, path, { headers })).toMatchObject({ status: 200 });
    },
  );

  it.each(["Bearer", "Bearer a b", "bearer nonsense"])("does not count beside the header %s", async (authorization) => {
    const headers = { authorization, cookie: `chat_session=${await session(ann.entity)}` };
    expect(await chat.call("GET", "get-friends", { headers })).toMatchObject({ status: 401 });
  });
});

describe("presence", () => {
  it("of a user who is unavailable is described, and keeps extensions", async () => {
    await ann.say({ to: [ben.entity], text: "Hello" });
    const one = {
      available: false,
      show: "xa",
      status: "gone",
      mood: { level: 3 },
      seq: 9,
      actor: "me",
      since: "never",
    };
    expect(await ann.send({ type: "presence", presence: [one] })).toMatchObject({ status: 200 });
    const { json } = await chat.call("GET", `stream/${ben.token}?wait=0`);
    const [shown] = v.parse(Answer, json).stanzas.flatMap((it) => it.presence ?? []);
    expect(shown).toMatchObject({
      entity: ann.entity,
      available: false,
      show: "xa",
      status: "gone",
      mood: { level: 3 },
    });
    expect(shown).toMatchObject({ actor: { id: ann.entity }, since: expect.stringMatching(/Z$/) });
    expect(shown).not.toHaveProperty("seq");
  });

  it("has at most 1 KiB", async () => {
    const presence = (mood: string) => ann.send({ type: "presence", presence: [{ mood }] });
    expect(await presence("x".repeat(900))).toMatchObject({ status: 200 });
    expect(await presence("é".repeat(600))).toMatchObject({ status: 400, json: { code: "invalid" } });
  });
});

describe("what is gone", () => {
  it("is chat-base, and the members of a message: they are in the thread", async () => {
    expect(await ann.call("GET", "chat-base")).toMatchObject({ status: 404 });
    const { thread } = await ann.say({ to: [ben.entity], text: "Hello" });
    expect(messages(await ben.news())[0]).not.toHaveProperty("members");
    const { members } = await ben.thread(thread);
    expect(members.map(({ actor }) => actor?.displayName).sort()).toEqual(["Ann", "Ben"]);
  });
});
