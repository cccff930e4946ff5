import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digest } from "../../lib/store/keys.js";
import { readPublic } from "../../local/static.js";
import { type Answer, strayFrom, strayFromAnswer, strayFromBody, successes } from "../openapi/conformity.js";
import { PROBLEMS } from "../openapi/problems.js";
import { chat as composed } from "../support/chat.js";
import { type InProcess, inProcess } from "../support/in-process.js";
import { session } from "../support/site.js";

// Compares the responses of a chat with public/openapi.json: they may contain nothing that is not described there.

type Request = {
  invite?: string;
  report?: string;
  file?: string;
  raw?: Buffer;
  code?: string;
  device?: string;
  body?: unknown;
  form?: Record<string, string>;
  headers?: Record<string, string>;
};
type Somebody = { id: string; token: string; cursor: string; headers: Record<string, string> };

const chat = inProcess({ guests: true, filesFolder: join(tmpdir(), `chat-files-${randomBytes(6).toString("hex")}`) });
let ann: Somebody;
let ben: Somebody;
let room: string;
let message: string;
const seen = new Set<string>();
const codes = new Set<string>();

/** The public files, as the platform serves them before the function. */
const files: Pick<InProcess, "fetch"> = {
  fetch: async (path) => (await readPublic("public/nereid-chat", path)) ?? new Response(null, { status: 404 }),
};

beforeAll(async () => {
  [ann, ben] = await Promise.all([somebody(), somebody()]);
  const made = v.parse(
    v.object({ id: v.string() }),
    (await ask(ann, "POST", "/threads", { body: { kind: "room", members: [ben.id], subject: "Tea" } })).json,
  );
  room = made.id;
  message = crypto.randomUUID();
  await say(ann, { type: "message", message: { id: message, thread: room, text: "Hello", foo: { bar: 1 } } });
});
afterAll(() => chat.stop());

async function somebody(claims: Record<string, unknown> = {}): Promise<Somebody> {
  const { token, cursor, entity } = await chat.token(`user,${randomBytes(6).toString("hex")}`, claims);
  return { id: entity, token, cursor, headers: { authorization: `Bearer ${token}` } };
}

/** Sends a request as a user, or as nobody; the parameters of the path stand in braces. Checks the response against the description. */
async function ask(
  who: Somebody | undefined,
  method: string,
  template: string,
  request: Request = {},
  at: Pick<InProcess, "fetch"> = chat,
): Promise<Answer> {
  const [described = "", query] = template.split("?");
  const named = described
    .replace("{id}", room)
    .replace("{invite}", request.invite ?? "")
    .replace("{report}", request.report ?? "")
    .replace("{file}", request.file ?? "")
    .replace("{code}", request.code ?? "")
    .replace("{device}", request.device ?? "");
  const path = named.replace("{token}", who?.token ?? crypto.randomUUID());
  const body = request.raw
    ? new Uint8Array(request.raw)
    : request.form
      ? new URLSearchParams(request.form)
      : JSON.stringify(request.body);
  const response = await at.fetch(`${path.slice(1)}${query === undefined ? "" : `?${query}`}`, {
    method,
    headers: {
      ...(request.body === undefined ? {} : { "content-type": "application/json" }),
      ...(path.includes(who?.token ?? "/") ? {} : who?.headers),
      ...request.headers,
    },
    ...(request.body === undefined && request.form === undefined && request.raw === undefined ? {} : { body }),
  });
  const text = await response.text();
  const json = /[/+]json\b/.test(response.headers.get("content-type") ?? "") ? JSON.parse(text) : text;
  const answer = { status: response.status, headers: response.headers, json };
  expect(strayFromAnswer(method, described, answer), `${method} ${template} ${response.status} ${text}`).toEqual([]);
  if (response.ok && request.body !== undefined) expect(strayFromBody(method, described, request.body)).toEqual([]);
  seen.add(`${method.toLowerCase()} ${described} ${response.status}`);
  if (v.is(Problem, json)) codes.add(json.code);
  return answer;
}

const Problem = v.object({ code: v.picklist(PROBLEMS.map(({ code }) => code)) });

const Granted = v.object({
  file: v.string(),
  upload: v.object({ url: v.string(), headers: v.record(v.string(), v.string()) }),
});

const say = (who: Somebody, stanza: unknown) => ask(who, "POST", "/send", { body: stanza });

describe("each response is as described", () => {
  it("to making and revoking tokens", async () => {
    const jwt = { headers: { authorization: `Bearer ${await session("user,comes")}` } };
    expect(await ask(undefined, "POST", "/token", jwt)).toMatchObject({ status: 200 });
    const guest = await ask(undefined, "POST", "/token", { body: { displayName: "Gus" } });
    expect(guest.headers.get("set-cookie")).toContain("chat_session=");
    expect(await ask(undefined, "DELETE", "/token", jwt)).toMatchObject({ status: 204 });
    expect(await ask(await somebody(), "DELETE", "/token/{token}")).toMatchObject({ status: 204 });
  });

  it("to what is sent, and to polls that receive it", async () => {
    const ids = [crypto.randomUUID(), crypto.randomUUID()] as const;
    const thread = room;
    const attachments = [{ url: "https://example.org/tea", name: "Tea", size: 1, colour: "green" }];
    const first = { id: ids[0], thread, subject: "Tea", text: "Tea?", type: "html", language: "en_US", attachments };
    const envelopes = [
      [
        { type: "message", message: first },
        { type: "message", message: first },
        { type: "message", message: { id: ids[1], thread, replyTo: ids[0], mentions: [ann.id] } },
      ],
      [
        { type: "presence", presence: [{ show: "dnd", status: "Busy" }] },
        { type: "state", state: { thread, state: "composing" } },
        { type: "edit", edit: { thread, id: ids[0], text: "Coffee?", attachments: [], mentions: [ben.id] } },
        { type: "reaction", reaction: { thread, id: ids[0], emoji: "👍" } },
        { type: "reaction", reaction: { thread, id: ids[0], emoji: "👍", remove: true } },
        { type: "reaction", reaction: { thread, id: message, emoji: "👩‍👩‍👧" } },
        { type: "retract", retract: { thread, id: ids[1] } },
      ],
      [
        { type: "block", block: { entity: "user,loud" } },
        { type: "block", block: { entity: "user,loud", remove: true } },
        { type: "setting", setting: { thread, muted: true, hidden: true, pinned: true, markedUnread: true } },
        { type: "setting", setting: { thread, muted: false } },
        { type: "thread", thread: { id: thread, add: ["user,new"] } },
        { type: "thread", thread: { id: thread, subject: "Cake", role: { entity: "user,new", role: "visitor" } } },
        { type: "thread", thread: { id: thread, remove: ["user,new"] } },
      ],
    ];
    // Chat states reach only users who are online.
    await ask(ben, "GET", "/stream?wait=1");
    await ask(ben, "POST", "/send/{token}", { body: { type: "receipt", receipt: { thread, seq: 1 } } });
    for (const stanzas of envelopes) expect(await say(ann, { stanzas })).toMatchObject({ status: 200 });

    const types = new Set<string>();
    for (const who of [ann, ben]) {
      const { json } = await ask(who, "GET", "/stream?wait=0");
      for (const { type } of v.parse(Followed, json).stanzas) types.add(type);
    }
    await ask(ben, "GET", `/stream/{token}?cursor=${ben.cursor}&limit=1&wait=1`);
    expect([...types].sort()).toEqual(
      ["block", "edit", "message", "presence", "reaction", "receipt", "retract", "setting", "state", "thread"].sort(),
    );
  });

  it("to an EventSource: each event is a stanza with a timestamp", async () => {
    const { json } = await ask(ben, "GET", `/stream?cursor=${ben.cursor}`, {
      headers: { accept: "text/event-stream" },
    });
    const events = [...`${json}`.matchAll(/^data: (.*)$/gm)].map(([, data]) => data ?? "");
    expect(events.length).toBeGreaterThan(5);
    for (const event of events) {
      const { timestamp, ...stanza } = v.parse(v.looseObject({ timestamp: v.string() }), JSON.parse(event));
      expect([...strayFrom("Timestamp", timestamp), ...strayFrom("Stanza", stanza)]).toEqual([]);
    }
  });

  it("to a cursor of another epoch: a resync", async () => {
    const { json } = await ask(ben, "GET", "/stream?cursor=elsewhere.1&wait=0");
    expect(json).toMatchObject({ stanzas: [{ type: "resync", resync: { reason: "epoch" } }, {}] });
  });

  it("about threads, their history and members", async () => {
    const pair = { kind: "direct", members: [ben.id] };
    expect(await ask(ann, "POST", "/threads", { body: pair })).toMatchObject({ status: 201 });
    expect(await ask(ann, "POST", "/threads", { body: pair })).toMatchObject({ status: 200 });
    const { json } = await ask(ann, "POST", "/threads/{id}/invites", { body: { ttl: 60 } });
    const { code } = v.parse(v.object({ code: v.string() }), json);
    const cas = await somebody();
    await ask(cas, "GET", "/invites/{code}", { code });
    await ask(cas, "POST", "/threads/join", { body: { code } });
    const listed = await ask(ann, "GET", "/threads/{id}/invites");
    const [invite] = v.parse(v.object({ invites: v.array(v.object({ id: v.string() })) }), listed.json).invites;
    await ask(ann, "DELETE", "/threads/{id}/invites/{invite}", { invite: invite?.id ?? "" });
    await ask(cas, "GET", "/threads?limit=1");
    await ask(cas, "GET", "/threads/{id}");
    await ask(cas, "GET", "/threads/{id}/messages?limit=100");
    await ask(cas, "GET", "/threads/{id}/messages?around=1");
    await ask(cas, "GET", "/threads/{id}/members?limit=1");
    expect(await ask(cas, "GET", "/search?q=hell&limit=1")).toMatchObject({ json: { results: [{ thread: room }] } });
    await ask(ann, "PATCH", "/threads/{id}", { body: { slow: 30 } });
    await ask(cas, "GET", "/threads?limit=1");
    await say(cas, { type: "message", message: { thread: room, text: "Hello" } });
    const hasty = { type: "message", message: { thread: room, text: "Hello?" } };
    expect(await say(cas, hasty)).toMatchObject({ status: 429, json: { code: "slow_mode" } });
    await ask(ann, "PATCH", "/threads/{id}", { body: { slow: 0 } });
    await ask(ann, "PATCH", "/threads/{id}", {
      body: { role: { entity: cas.id, role: "visitor" }, ban: ["user,loud"] },
    });
    expect(await ask(cas, "PATCH", "/threads/{id}", { body: { remove: [cas.id] } })).toMatchObject({ status: 204 });
    const { json: own } = await ask(cas, "POST", "/threads", { body: { kind: "room", members: [] } });
    const banned = await chat.call("PATCH", `threads/${v.parse(v.object({ id: v.string() }), own).id}`, {
      body: { ban: [cas.id] },
      headers: cas.headers,
    });
    expect(banned.status).toBe(204);
  });

  it("about previews", async () => {
    const url = `https://example.com/${crypto.randomUUID()}`;
    const json = JSON.stringify({ title: "Tea", description: "All of it", site: "Example" });
    const key = composed.keys.preview(digest(url));
    await composed.store.transact(v.tuple([v.unknown()]), (batch) => batch.set(key, json, { ex: 60 }));
    expect(await ask(ben, "POST", "/previews", { body: { url } })).toMatchObject({ status: 200 });
    expect(await ask(ben, "POST", "/previews", { body: { url: "http://localhost/" } })).toMatchObject({ status: 404 });
  });

  it("about files", async () => {
    const content = Buffer.from("a tea");
    const wish = { name: "tea.txt", type: "text/plain", size: content.length, thread: room };
    const { file, upload } = v.parse(Granted, (await ask(ben, "POST", "/files", { body: wish })).json);
    const [, ticket] = upload.url.split("?");
    const put = { raw: content, file, headers: upload.headers };
    expect(await ask(undefined, "PUT", `/files/{file}/content?${ticket}`, put)).toMatchObject({ status: 204 });
    const attachments = [{ url: `http://chat.test/nereid-chat/files/${file}`, file }];
    await say(ben, { type: "message", message: { thread: room, attachments } });
    await ask(ann, "GET", `/files?id=${file}`);
    const { headers } = await ask(ann, "GET", "/files/{file}", { file });
    const [, read] = headers.get("location")?.split("?") ?? [];
    await ask(undefined, "GET", `/files/{file}/content?${read}`, { file });
    await ask(undefined, "GET", `/files/{file}/content?${read}`, { file, headers: { range: "bytes=0-1" } });
    await ask(undefined, "GET", `/files/{file}/content?${read}`, { file, headers: { range: "bytes=9-" } });
  });

  it("about pushes", async () => {
    await ask(ben, "GET", "/push");
    const { publicKey: p256dh } = composed.config.push?.keys ?? (await composed.pushKeys.get());
    const body = {
      endpoint: `https://push.example.net/${crypto.randomUUID()}`,
      keys: { p256dh, auth: "x".repeat(22) },
      page: "/chat",
    };
    const { json } = await ask(ben, "POST", "/push", { body });
    const { id: device } = v.parse(v.object({ id: v.string() }), json);
    expect(await ask(ben, "DELETE", "/push/{device}", { device })).toMatchObject({ status: 204 });
  });

  it("about reports", async () => {
    const body = { type: "report", report: { thread: room, id: message, reason: "Rude" } };
    expect(await say(ben, body)).toMatchObject({ status: 200 });
    const headers = { authorization: `Bearer ${await session("user,moderates", { role: "moderator" })}` };
    const { json } = await ask(undefined, "GET", "/reports", { headers });
    const [first] = v.parse(v.object({ reports: v.array(v.object({ id: v.string() })) }), json).reports;
    const resolved = await ask(undefined, "DELETE", "/reports/{report}", { headers, report: first?.id ?? "" });
    expect(resolved).toMatchObject({ status: 204 });
    const service = { authorization: `Bearer ${await session("server", { scope: "chat:server" })}` };
    for (const [path, by] of [
      ["/reports/{report}", headers] as const,
      ["/server/reports/{report}", service] as const,
    ]) {
      expect(await say(ben, body)).toMatchObject({ status: 200 });
      const list = await ask(undefined, "GET", "/reports", { headers });
      const [report] = v.parse(v.object({ reports: v.array(v.object({ id: v.string() })) }), list.json).reports;
      const decided = { headers: by, report: report?.id ?? "", body: { action: "accept" } };
      expect(await ask(undefined, "POST", path, decided)).toMatchObject({ status: 204 });
    }
  });

  it("with the messages of blocked users redacted", async () => {
    const cas = await somebody();
    const { json } = await ask(cas, "POST", "/threads", { body: { kind: "direct", members: [ben.id] } });
    const { id } = v.parse(v.object({ id: v.string() }), json);
    await say(ben, { type: "block", block: { entity: cas.id } });
    await say(cas, { type: "message", message: { thread: id, text: "Hello?" } });
    await ask(ben, "GET", "/blocks");
    const { json: followed } = await ask(ben, "GET", "/stream?wait=0");
    expect(v.parse(Followed, followed).stanzas).toContainEqual({
      type: "message",
      message: { id: expect.any(String), thread: id, seq: 1, blocked: true },
    });
    await ask(ben, "GET", "/threads");
  });

  it("about contacts", async () => {
    await ask(ben, "GET", "/actors");
    await ask(ben, "GET", `/actors?ids=${ann.id}&ids=user,nobody`);
    for (const path of ["/friends", "/get-friends"]) {
      expect(await ask(ben, "GET", path)).toMatchObject({
        json: { friends: expect.arrayContaining([expect.anything()]) },
      });
    }
  });

  it("to the clients of the first implementation", async () => {
    const { json } = await ask(ann, "POST", "/start-session", { form: { user: ben.id } });
    const { thread_id } = v.parse(v.object({ thread_id: v.string() }), json);
    await ask(ann, "POST", "/send-message", { form: { thread_id, message: "Hello", type: "plain" } });
    await ask(ann, "POST", "/send-message", { body: { thread_id, message: "Hello" } });
    await ask(undefined, "GET", "/chat.js", {}, files);
  });

  it("about its secret", async () => {
    const unset = { CHAT_PREFIX: `s${randomBytes(4).toString("hex")}:`, CHAT_JWT_SECRET: undefined };
    const bare = inProcess({}, unset);
    const body = { token: process.env.UPSTASH_REDIS_REST_TOKEN };
    expect(await ask(undefined, "POST", "/setup", { body }, bare)).toMatchObject({ status: 200 });
    expect(await ask(undefined, "POST", "/setup", { body }, bare)).toMatchObject({ status: 404 });
    await bare.stop();
  });

  it("to a sender whom the host refuses", async () => {
    const strict = inProcess({ beforeSend: () => ({ refuse: "No" }) });
    const stanza = { type: "message", message: { to: [ben.id], text: "Hi" } };
    expect(await ask(ann, "POST", "/send", { body: stanza }, strict)).toMatchObject({ status: 422 });
    await strict.stop();
  });

  it("to a clock", async () => {
    const timed = inProcess({ cronSecret: "a secret of the clock" });
    const headers = { authorization: "Bearer a secret of the clock" };
    expect(await ask(undefined, "GET", "/cron", { headers }, timed)).toMatchObject({ status: 200 });
    expect(await ask(undefined, "GET", "/cron", {}, timed)).toMatchObject({ status: 401 });
    expect(await ask(undefined, "GET", "/cron")).toMatchObject({ status: 404 });
    await timed.stop();
  });

  it("about its health", async () => {
    await ask(undefined, "GET", "/health");
  });
});

const Followed = v.object({ stanzas: v.array(v.looseObject({ type: v.string() })) });

describe("each problem is as described", () => {
  const refused = (status: number, code: string) => ({ status, json: expect.objectContaining({ status, code }) });
  const text = (thread: string) => ({ type: "message", message: { thread, text: "Hello" } });

  it("for what is malformed", async () => {
    expect(await say(ann, [])).toMatchObject(refused(400, "invalid"));
    expect(await say(ann, { stanzas: [text(room), { type: "message", message: { text: 1 } }] })).toMatchObject({
      json: { code: "invalid", failed: 1, results: [{ type: "message" }], issues: [{ path: "message.text" }] },
    });
    expect(await say(ann, { type: "tea" })).toMatchObject(refused(400, "unsupported_stanza"));
    expect(await say(ann, { type: "message", message: { text: "Hello" } })).toMatchObject(refused(400, "no_recipient"));
    expect(await ask(ann, "GET", "/stream?cursor=tea")).toMatchObject(refused(400, "bad_cursor"));
    expect(await ask(ann, "GET", "/stream?wait=-1")).toMatchObject(refused(400, "invalid"));
    expect(await ask(ann, "POST", "/send", { form: { text: "Hello" } })).toMatchObject(
      refused(415, "unsupported_media_type"),
    );
    expect(await say(ann, { text: "x".repeat(65_536) })).toMatchObject(refused(413, "too_large"));
    expect(await ask(ann, "POST", "/send-message", { form: { message: "Hello" } })).toMatchObject(
      refused(400, "invalid"),
    );
  });

  it("for credentials that are missing, wrong or not enough", async () => {
    const foreign = { cookie: `chat_session=${await session(ann.id)}`, origin: "https://example.org" };
    const bounded = await somebody({ contacts: ["user,friend"] });
    const stranger = { headers: { authorization: `Bearer ${crypto.randomUUID()}` } };
    expect(await ask(undefined, "GET", "/threads")).toMatchObject(refused(401, "unauthenticated"));
    expect(await ask(undefined, "POST", "/token")).toMatchObject(refused(401, "unauthenticated"));
    expect(await ask(undefined, "GET", "/stream", stranger)).toMatchObject(refused(401, "token_unknown"));
    expect(await ask(undefined, "GET", "/stream/{token}")).toMatchObject(refused(404, "token_unknown"));
    expect(await ask(ann, "POST", "/token")).toMatchObject(refused(403, "token_not_allowed"));
    expect(await ask(undefined, "GET", "/stream", { headers: foreign })).toMatchObject(
      refused(403, "origin_not_allowed"),
    );
    expect(await say(bounded, { type: "message", message: { to: [ann.id], text: "Hello" } })).toMatchObject(
      refused(403, "not_a_contact"),
    );
  });

  it("for what does not exist, or is not the caller's", async () => {
    const id = crypto.randomUUID();
    const cas = await somebody();
    expect(await say(ann, text("nowhere"))).toMatchObject(refused(404, "thread_not_found"));
    expect(await say(ann, { type: "retract", retract: { thread: room, id } })).toMatchObject(
      refused(404, "message_not_found"),
    );
    expect(await say(ben, { type: "retract", retract: { thread: room, id: message } })).toMatchObject(
      refused(403, "forbidden"),
    );
    expect(await say(ben, { type: "message", message: { id: message, thread: room, text: "Mine" } })).toMatchObject(
      refused(409, "id_conflict"),
    );
    expect(await ask(ann, "POST", "/threads", { body: { kind: "room", members: [], id: room } })).toMatchObject(
      refused(409, "thread_conflict"),
    );
    expect(await ask(ann, "POST", "/threads/join", { body: { code: "tea" } })).toMatchObject(refused(404, "not_found"));
    await ask(ann, "PATCH", "/threads/{id}", { body: { add: [cas.id], role: { entity: cas.id, role: "visitor" } } });
    expect(await say(cas, text(room))).toMatchObject(refused(403, "cannot_send"));
  });

  it("for other methods and other paths", async () => {
    for (const [method, path, status] of [
      ["PUT", "send", 405],
      ["GET", "tea", 404],
    ] as const) {
      const answer = await chat.call(method, path);
      expect(answer.status).toBe(status);
      expect(strayFrom("Problem", answer.json)).toEqual([]);
      codes.add(v.parse(Problem, answer.json).code);
    }
  });

  it("for too many requests, and when the store is down", async () => {
    const strict = inProcess({ rateToken: 1 });
    const lost = inProcess({ redisUrl: "http://127.0.0.1:9", redisToken: "none" });
    try {
      const jwt = { headers: { authorization: `Bearer ${await session("user,often")}` } };
      await ask(undefined, "POST", "/token", jwt, strict);
      expect(await ask(undefined, "POST", "/token", jwt, strict)).toMatchObject(refused(429, "rate_limited"));
      expect(await ask(undefined, "GET", "/health", {}, lost)).toMatchObject(refused(503, "unavailable"));
    } finally {
      await Promise.all([strict.stop(), lost.stop()]);
    }
  });
});

describe("the host's server is answered as described", () => {
  const id = crypto.randomUUID();
  const somebodyErased = `user,${crypto.randomUUID()}`;

  it.each<[string, string, unknown?]>([
    ["POST", "/server/threads", { kind: "room", members: ["ben"], id }],
    ["POST", "/server/threads", { kind: "room", members: ["ben"], id }],
    ["POST", "/server/send?as=ben", { type: "message", message: { thread: id, text: "Hi" } }],
    ["GET", "/server/threads?as=ben"],
    ["GET", "/server/threads/{id}"],
    ["PATCH", "/server/threads/{id}", { subject: "Tea" }],
    ["GET", "/server/threads/{id}/members"],
    ["GET", "/server/threads/{id}/messages"],
    ["POST", "/server/profiles", { id: "ben", displayName: "Ben" }],
    ["GET", "/server/profiles?ids=ben"],
    ["DELETE", "/server/presence?entity=ben"],
    ["DELETE", "/server/tokens?entity=ben"],
    ["POST", "/server/bans", { entity: "ben" }],
    ["GET", "/server/bans"],
    [
      "POST",
      "/server/threads/{id}/import",
      {
        messages: [{ id: crypto.randomUUID(), sender: "ben", timestamp: "2020-01-02T03:04:05Z", text: "From before" }],
      },
    ],
    ["GET", "/metrics"],
    ["GET", "/server/reports"],
    ["GET", "/server/dead-letters"],
    ["POST", "/server/dead-letters", { places: ["1-0"] }],
    ["GET", "/server/export?entity=ben"],
    ["POST", "/server/erasures", { entity: somebodyErased }],
  ])("%s %s", async (method, path, body) => {
    const headers = { authorization: `Bearer ${await session("server", { scope: "chat:server" })}` };
    const answer = await ask(undefined, method, path, { headers, ...(body === undefined ? {} : { body }) });
    expect(answer.status).toBeLessThan(300);
  });

  it.each<[string, string, unknown?]>([
    ["GET", "/admin"],
    ["GET", "/moderation"],
    ["GET", "/moderation/rooms"],
    ["PATCH", "/moderation/rooms/{id}", { slow: 30 }],
    ["GET", "/moderation/people?entity=ben"],
    ["GET", "/moderation/bans"],
    ["POST", "/moderation/bans", { entity: "cid" }],
    ["DELETE", "/moderation/bans?entity=cid"],
  ])("and its moderators: %s %s", async (method, path, body) => {
    const headers = { authorization: `Bearer ${await session("moderator", { role: "moderator" })}` };
    const answer = await ask(undefined, method, path, { headers, ...(body === undefined ? {} : { body }) });
    expect(answer.status).toBeLessThan(300);
  });

  it("when it bans somebody, lifts that, and deletes a thread", async () => {
    const headers = { authorization: `Bearer ${await session("server", { scope: "chat:server" })}` };
    const jwt = { headers: { authorization: `Bearer ${await session("ben")}` } };
    expect(await ask(undefined, "POST", "/token", jwt)).toMatchObject({ status: 403, json: { code: "banned" } });
    expect((await ask(undefined, "DELETE", "/server/bans?entity=ben", { headers })).status).toBe(204);
    expect((await ask(undefined, "DELETE", "/server/threads/{id}", { headers })).status).toBe(204);
    expect((await ask(undefined, "DELETE", "/moderation/rooms/{id}", { headers })).status).toBe(204);
  });
});

describe("the description", () => {
  it("describes nothing that was not seen here", () => {
    expect(successes().filter((it) => !seen.has(it))).toEqual([]);
    // These two need an internal failure, and a full store.
    const had = [...codes, "internal", "storage_full"];
    expect(PROBLEMS.map(({ code }) => code).filter((code) => !had.includes(code))).toEqual([]);
  });
});
