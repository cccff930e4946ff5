import { Script } from "node:vm";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Site, session, site } from "../support/site.js";

// The examples of the document "Browser based Chat 1.0", as it prints them. docs/protocol.md says what this project made of them.

const ENVELOPE = `
{
"timestamp": "2011-02-10T15:04:55Z",
"stanzas": [
{
"type": "message"
"message": {
"subject": "Optional topic of conversation",
"text": "The message body"
"type": "plain",
"language": "en_US",
"attachments": [
],
"id": "",
"thread": "thread-id",
"sender": {
"url": "http://example.org/martin",
"objectType": "person",
"id": "tag:example.org,2011:martin",
"foo2": "some other extension property",
"image": {
"url": "http://example.org/martin/image",
"width": 250,
"height": 250
},
"displayName": "Martin Smith"
},
},
},
{
"type": "presence"
"presence": [
{
"entity": "nereid.user,123",
"show": "chat",
"status": "A happy day",
"available": true,
}, {
"entity": "nereid.user,13",
"show": "dnd",
"status": "Busy in a meeting",
"available": true,
}
],
}
]
`;

const Example = v.object({
  timestamp: v.string(),
  stanzas: v.tuple([
    v.object({ type: v.literal("message"), message: v.looseObject({ thread: v.string() }) }),
    v.object({ type: v.literal("presence"), presence: v.array(v.looseObject({ entity: v.string() })) }),
  ]),
});

/** Makes JSON of the example: adds the commas that are missing, drops those that are too many, and closes it. */
function mended(text: string): unknown {
  return JSON.parse(`${text.replace(/"\n(?=")/g, '",\n').replace(/,(?=\s*[\]}])/g, "")}}`);
}

const example = v.parse(Example, mended(ENVELOPE));
const [{ message }, { presence }] = example.stanzas;
const MARTIN = "tag:example.org,2011:martin";
const CLAIMS = {
  name: "Martin Smith",
  profile: "http://example.org/martin",
  actor: {
    foo2: "some other extension property",
    image: { url: "http://example.org/martin/image", width: 250, height: 250 },
  },
};
const READER = "nereid.user,1";

let chat: Site;
beforeAll(async () => {
  chat = await site(inject("bridge") ?? { url: "", token: "" });
});
afterAll(() => chat.stop());

describe("section 3, the complete stanza", () => {
  it("is what the stream answers: a message and a presence in one envelope", async () => {
    const martin = await chat.token(MARTIN, CLAIMS);
    const others = await Promise.all(presence.map(({ entity }) => chat.token(entity)));
    const to = [READER, ...others.map(({ entity }) => entity)];
    await send(martin.token, { type: "message", message: { to, thread: message.thread, text: "Welcome" } });
    for (const [i, { token }] of others.entries()) {
      await send(token, { type: "receipt", receipt: { thread: message.thread, seq: 1 } });
      await send(token, { type: "presence", presence: [presence[i]] });
    }

    const reader = await chat.token(READER);
    await send(martin.token, { type: "message", message });
    const { json } = await chat.call("GET", `stream/${reader.token}`);
    expect(json).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      prev: reader.cursor,
      cursor: expect.any(String),
      stanzas: [
        {
          type: "message",
          message: {
            ...message,
            language: "en-US",
            id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/),
            seq: 2,
            timestamp: expect.any(String),
          },
        },
        { type: "presence", presence: expect.arrayContaining(presence.map((one) => expect.objectContaining(one))) },
      ],
    });
  });

  it.each([ENVELOPE, `${ENVELOPE}}`, "{'token': '550e8400-e29b-41d4-a716-446655440000'}"])(
    "is no JSON as it is printed, which is refused: %#",
    async (printed) => {
      const { token } = await chat.token(MARTIN, CLAIMS);
      const headers = { "content-type": "application/json" };
      const reply = await fetch(`${chat.url}/nereid-chat/send/${token}`, { method: "POST", headers, body: printed });
      expect([reply.status, reply.statusText]).toEqual([400, "Bad Request"]);
      expect(await reply.json()).toMatchObject({ code: "invalid", detail: "The body must be JSON" });
    },
  );

  it("can be sent, each with a presence of one's own", async () => {
    const { token } = await chat.token(MARTIN, CLAIMS);
    const [own] = presence;
    const stanzas = [
      { type: "message", message: { ...message, thread: "", to: [READER] } },
      { type: "presence", presence: [own] },
    ];
    expect(await send(token, { ...example, stanzas })).toMatchObject({
      status: 200,
      json: { results: [{ type: "message", seq: 1 }, { type: "presence" }] },
    });
    expect(await send(token, { type: "presence", presence })).toMatchObject({ status: 400, json: { code: "invalid" } });
  });
});

describe("section 3.1.9, the example message", () => {
  it("is accepted when it is given people to go to, and comes from whoever sent it", async () => {
    const eve = await chat.token("nereid.user,666");
    const thread = `${message.thread}-2`;
    const stanza = { timestamp: example.timestamp, type: "message", message: { ...message, thread, to: [READER] } };
    expect(await send(eve.token, stanza)).toMatchObject({ status: 200, json: { results: [{ thread, seq: 1 }] } });
    const { json } = await chat.call("GET", `threads/${thread}/messages`, {
      headers: { authorization: `Bearer ${eve.token}` },
    });
    expect(json).toMatchObject({ messages: [{ text: "The message body", sender: { id: "nereid.user,666" } }] });
    expect(json).not.toMatchObject({ messages: [{ sender: { foo2: expect.anything() } }] });
  });
});

describe("section 3.1.7, the thread", () => {
  const [ANN, BEN] = ["nereid.user,7", "nereid.user,8"];

  it("is copied back in a reply, which stays in the conversation", async () => {
    const [ann, ben] = await Promise.all([chat.token(ANN), chat.token(BEN)]);
    await send(ann.token, { type: "message", message: { to: [BEN], text: "Tea?" } });
    const [asked] = await messagesOf(ben);
    await send(ben.token, { type: "message", message: { thread: asked?.thread, text: "Yes" } });
    expect(await messagesOf(ann)).toMatchObject([
      { thread: asked?.thread, seq: asked?.seq, text: "Tea?" },
      { thread: asked?.thread, text: "Yes", sender: { id: BEN } },
    ]);
  });

  it("keeps conversations of the same two users apart, each under one id to both", async () => {
    const [ann, ben] = await Promise.all([chat.token(ANN), chat.token(BEN)]);
    const ids = ["", "about-tea", "about-cake"];
    for (const thread of [...ids, ...ids])
      await send(ann.token, { type: "message", message: { thread, to: [BEN], text: `In "${thread}"` } });
    const [one, two] = [await messagesOf(ann), await messagesOf(ben)];
    expect(two.map(({ thread, text }) => [thread, text])).toEqual(one.map(({ thread, text }) => [thread, text]));
    for (const id of ids) {
      const same = two.filter(({ text }) => text === `In "${id}"`);
      expect(new Set(same.map(({ thread }) => thread)).size).toBe(1);
    }
    expect(new Set(two.map(({ thread }) => thread)).size).toBe(ids.length);
  });
});

describe("section 3.2, presence", () => {
  it.each([
    ["left out", {}],
    ["null", { show: null, status: null }],
  ])("has no show and no status where they are %s", async (_, none) => {
    const [ann, ben] = await Promise.all([chat.token("nereid.user,9"), chat.token("nereid.user,10")]);
    await send(ann.token, { type: "message", message: { to: [ben.entity], text: "Hello" } });
    const described = { show: "away", status: "At lunch", available: true };
    for (const one of [described, { ...none, available: true }])
      expect(await send(ann.token, { type: "presence", presence: [one] })).toMatchObject({ status: 200 });
    const { json } = await chat.call("GET", `stream/${ben.token}?wait=0`);
    const roster = v.parse(Stanzas, json).stanzas.flatMap((it) => it.presence ?? []);
    const shown = roster.findLast(({ entity }) => entity === ann.entity);
    expect(shown).toMatchObject({ available: true });
    for (const detail of ["show", "status"]) expect(shown).not.toHaveProperty(detail);
  });
});

describe("section 4, the chat token", () => {
  it("is a UUID v4, made by whoever is logged in, and opens the stream without a login", async () => {
    const headers = { authorization: `Bearer ${await session("nereid.user,4")}` };
    const reply = await fetch(`${chat.url}/nereid-chat/token`, { method: "POST", headers });
    const { token } = v.parse(v.object({ token: v.pipe(v.string(), v.uuid()) }), await reply.json());
    expect([reply.status, reply.statusText]).toEqual([200, "OK"]);
    expect(token[14]).toBe("4");
    expect(await chat.call("GET", `stream/${token}?wait=0`)).toMatchObject({ status: 200, json: { stanzas: [] } });
  });

  it("is good for one hour", async () => {
    const { expires } = await chat.token("nereid.user,5");
    expect(Math.abs(Date.parse(expires) - Date.now() - 3_600_000)).toBeLessThan(10_000);
  });

  it("makes no other tokens", async () => {
    const { token } = await chat.token("nereid.user,6");
    const reply = await chat.call("POST", "token", { headers: { authorization: `Bearer ${token}` } });
    expect(reply).toMatchObject({ status: 403, json: { code: "token_not_allowed" } });
  });
});

describe("the first implementation's script", () => {
  it("is valid JavaScript", async () => {
    const { status, headers, text } = await chat.call("GET", "chat.js");
    expect(status).toBe(200);
    expect(headers.get("content-type")).toMatch(/javascript/);
    expect(new Script(text)).toBeInstanceOf(Script);
  });
});

const Stanzas = v.object({
  stanzas: v.array(
    v.looseObject({
      message: v.exactOptional(v.looseObject({ thread: v.string(), seq: v.number(), text: v.string() })),
      presence: v.exactOptional(v.array(v.looseObject({ entity: v.string() }))),
    }),
  ),
});

function send(token: string, stanza: unknown) {
  return chat.call("POST", `send/${token}`, { body: stanza });
}

/** The messages that a stream has brought since its token was made. */
async function messagesOf({ token, cursor }: { token: string; cursor: string }) {
  const { json } = await chat.call("GET", `stream/${token}?wait=0&cursor=${cursor}`);
  return v.parse(Stanzas, json).stanzas.flatMap(({ message }) => message ?? []);
}
