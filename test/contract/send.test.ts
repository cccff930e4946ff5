import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { asThread, messages, type Outsider, outsider, part, somebody } from "../support/outsider.js";
import { session } from "../support/site.js";

// PROFILE §5, sentence by sentence, as far as it is about messages.

const server = inProcess();
afterAll(() => server.stop());

let ann: Outsider;
let ben: Outsider;
let eve: Outsider;
beforeEach(async () => {
  [ann, ben, eve] = await Promise.all(["ann", "ben", "eve"].map((name) => outsider(server, somebody(name)))).then(
    ([a, b, c]) => {
      if (a === undefined || b === undefined || c === undefined) throw new Error("Cannot make three people");
      return [a, b, c] as const;
    },
  );
});

const problem = (status: number, code: string) => ({ status, json: { status, code } });
const message = (it: Record<string, unknown>) => ({ type: "message", message: it });
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const room = () => somebody("room").replace(",", "-");

describe("send", () => {
  it("takes one stanza, by a token in the path, in the header, or by a session", async () => {
    const body = message({ to: [ben.entity], text: "Hi" });
    const headers = { authorization: `Bearer ${await session(ann.entity)}` };
    for (const [i, reply] of [
      await ann.send(body),
      await ann.call("POST", "send", body),
      await server.call("POST", "send", { headers, body }),
    ].entries()) {
      expect(reply.status).toBe(200);
      expect(reply.json).toEqual({
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        results: [
          {
            type: "message",
            id: expect.stringMatching(UUID),
            thread: expect.stringMatching(/^[A-Za-z0-9._~-]{1,64}$/),
            seq: i + 1,
            timestamp: expect.stringMatching(/Z$/),
          },
        ],
      });
    }
  });

  it("takes an envelope of up to 20 stanzas, and answers one result each, in order", async () => {
    const stanzas = Array.from({ length: 20 }, (_, i) => message({ to: [ben.entity], text: `${i}` }));
    const reply = await ann.send({ timestamp: "2011-02-10T15:04:55Z", stanzas });
    expect(part(reply, "results")).toMatchObject(stanzas.map((_, i) => ({ type: "message", seq: i + 1 })));
    expect(messages(await ben.news()).map((it) => it.text)).toEqual(stanzas.map((_, i) => `${i}`));
  });

  it("takes an envelope of one", async () => {
    const reply = await ann.send({ stanzas: [message({ to: [ben.entity], text: "Hi" })] });
    expect(reply).toMatchObject({ status: 200, json: { results: [{ seq: 1 }] } });
  });

  it("refuses an envelope that is empty, too long, or no list", async () => {
    const stanzas = Array.from({ length: 21 }, () => message({ to: [ben.entity] }));
    expect(await ann.send({ stanzas })).toMatchObject(problem(400, "invalid"));
    expect(await ann.send({ stanzas: [] })).toMatchObject(problem(400, "invalid"));
    expect(await ann.send({ stanzas: {} })).toMatchObject(problem(400, "invalid"));
    expect(await ben.news()).toEqual([]);
  });

  it("stops at the first stanza that fails, and tells what was done before it", async () => {
    const id = randomUUID();
    const stanzas = [
      message({ to: [ben.entity], text: "one", id }),
      message({ to: [ben.entity], text: "two" }),
      message({ text: "to nobody" }),
      message({ to: [ben.entity], text: "never" }),
    ];
    const reply = await ann.send({ stanzas });
    expect(reply).toMatchObject(problem(400, "no_recipient"));
    expect(reply).toMatchObject({ json: { failed: 2, results: [{ id, seq: 1 }, { seq: 2 }] } });
    expect(messages(await ben.news()).map((it) => it.text)).toEqual(["one", "two"]);
  });

  it.each([
    ["of the wrong shape", { type: "message", message: { text: 1 } }, 400, "invalid"],
    ["of an unknown type", { type: "unknown", unknown: {} }, 400, "unsupported_stanza"],
    ["to an unknown thread", { type: "message", message: { thread: "unknown", text: "Hi" } }, 404, "thread_not_found"],
    ["that is none", "text", 400, "invalid"],
  ])("stops at a stanza %s, wherever it stands", async (_, wrong, status, code) => {
    const right = message({ to: [ben.entity], text: "Hi" });
    expect(await ann.send({ stanzas: [wrong, right] })).toMatchObject({
      ...problem(status, code),
      json: { failed: 0, results: [] },
    });
    expect(await ann.send({ stanzas: [right, wrong] })).toMatchObject({
      ...problem(status, code),
      json: { failed: 1, results: [{ seq: 1 }] },
    });
  });

  it("can be asked the same again: messages are idempotent", async () => {
    const good = [1, 2].map((i) => message({ to: [ben.entity], text: `${i}`, id: randomUUID() }));
    const first = await ann.send({ stanzas: [...good, message({})] });
    const mended = await ann.send({ stanzas: [...good, message({ to: [ben.entity], text: "3" })] });
    expect(part(mended, "results")).toMatchObject([
      { duplicate: true, seq: 1 },
      { duplicate: true, seq: 2 },
      { seq: 3 },
    ]);
    expect(first.status).toBe(400);
    expect(messages(await ben.news()).map((it) => it.text)).toEqual(["1", "2", "3"]);
  });
});

describe("id", () => {
  it("is made by the server when absent or empty", async () => {
    for (const id of [undefined, ""]) expect((await ann.say({ to: [ben.entity], text: "Hi", id })).id).toMatch(UUID);
  });

  it.each([
    ["1", "c232ab00-9414-11ec-b3c8-9f6bdeced846"],
    ["3", "5df41881-3aed-3515-88a7-2f4a814cf09e"],
    ["4", "919108f7-52d1-4320-9bac-f847db4148a8"],
    ["5", "2ed6657d-e927-568b-95e1-2665a8aea6a2"],
    ["6", "1ec9414c-232a-6b00-b3c8-9f6bdeced846"],
    ["7", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"],
    ["8", "2489e9ad-2ee2-8e00-8ec9-32d5f69181c0"],
  ])("may be a UUID of version %s", async (_, id) => {
    expect((await ann.say({ to: [ben.entity], text: "Hi", id })).id).toBe(id);
    expect(messages(await ben.news())).toMatchObject([{ id }]);
  });

  it.each(["1", "x", "919108f7-52d1-4320-9bac-f847db4148a", "919108f752d143209bacf847db4148a8", " ", 1, {}])(
    "must not be anything else: %j",
    async (id) => {
      const issues = [{ path: "message.id", message: expect.any(String) }];
      expect(await ann.send(message({ to: [ben.entity], id }))).toMatchObject({
        status: 400,
        json: { code: "invalid", issues },
      });
    },
  );

  it("given again with the same content is answered with the first result, and delivered once", async () => {
    const id = randomUUID();
    const draft = { to: [ben.entity], text: "Hi", id };
    const first = await ann.say(draft);
    await ann.say({ to: [ben.entity], text: "between" });
    expect(await ann.say(draft)).toEqual({ ...first, duplicate: true });
    expect(messages(await ben.news()).filter((it) => it.id === id)).toHaveLength(1);
  });

  it("is the same message by what it says as normalised, without to, thread, sender and timestamp", async () => {
    const id = randomUUID();
    const first = await ann.say({ to: [ben.entity], text: "Hi", language: "en_us", id, x: { a: 1, b: 2 } });
    for (const again of [
      { thread: first.thread, text: "Hi", language: "en-US", x: { b: 2, a: 1 } },
      { to: [ann.entity, ben.entity], text: "Hi", language: "EN-us", x: { a: 1, b: 2 }, type: "plain" },
      { thread: first.thread, text: "Hi", language: "en-US", x: { a: 1, b: 2 }, attachments: [], sender: "x", seq: 5 },
      { thread: first.thread, to: [eve.entity], text: "Hi", language: "en-US", x: { a: 1, b: 2 }, timestamp: "x" },
    ])
      expect(await ann.say({ ...again, id })).toEqual({ ...first, duplicate: true });
  });

  it("is the same message when its HTML is the same once sanitised", async () => {
    const id = randomUUID();
    const first = await ann.say({ to: [ben.entity], type: "html", text: "<b onclick=x>Hi</b>", id });
    const again = await ann.say({ to: [ben.entity], type: "html", text: "<b onclick=y>Hi</b>", id });
    expect(again).toEqual({ ...first, duplicate: true });
  });

  it.each([
    ["text", { text: "Ho" }],
    ["subject", { text: "Hi", subject: "s" }],
    ["type", { text: "Hi", type: "rst" }],
    ["language", { text: "Hi", language: "de" }],
    ["attachments", { text: "Hi", attachments: [{ url: "https://a.example" }] }],
    ["an extension", { text: "Hi", x: 1 }],
  ])("given again with another %s is a conflict", async (_, other) => {
    const id = randomUUID();
    const { thread } = await ann.say({ to: [ben.entity], text: "Hi", id });
    expect(await ann.send(message({ thread, id, ...other }))).toMatchObject(problem(409, "id_conflict"));
    expect(messages(await ben.news())).toHaveLength(1);
  });

  it("given again by another sender is a conflict", async () => {
    const id = randomUUID();
    const { thread } = await ann.say({ to: [ben.entity], text: "Hi", id });
    expect(await ben.send(message({ thread, text: "Hi", id }))).toMatchObject(problem(409, "id_conflict"));
  });

  it("is unique in its thread alone", async () => {
    const id = randomUUID();
    await ann.say({ to: [ben.entity], text: "Hi", id });
    expect(await ann.say({ to: [eve.entity], text: "Ho", id })).toMatchObject({ id, seq: 1 });
  });

  it("is delivered once however many ask at the same time, and all hear the same", async () => {
    const id = randomUUID();
    const sent = await Promise.all(Array.from({ length: 10 }, () => ann.say({ to: [ben.entity], text: "Hi", id })));
    expect(new Set(sent.map(({ thread, seq, timestamp }) => `${thread} ${seq} ${timestamp}`)).size).toBe(1);
    expect(sent.filter((it) => it.duplicate === undefined)).toHaveLength(1);
    expect(messages(await ben.news())).toHaveLength(1);
  });
});

describe("thread", () => {
  it("that is unknown becomes a room with that id, the sender its owner", async () => {
    const thread = room();
    await ann.say({ thread, to: [ben.entity], text: "Hi" });
    expect(await ann.thread(thread)).toMatchObject({
      kind: "room",
      seq: 1,
      memberCount: 2,
      members: expect.arrayContaining([
        expect.objectContaining({ entity: ann.entity, role: "owner" }),
        expect.objectContaining({ entity: ben.entity, role: "member" }),
      ]),
    });
  });

  it("that is known refuses to go to others than its members", async () => {
    const thread = room();
    await ann.say({ thread, to: [ben.entity], text: "1" });
    expect(await ann.say({ thread, to: [ben.entity], text: "2" })).toMatchObject({ thread, seq: 2 });
    expect(await ann.send(message({ thread, to: [eve.entity], text: "3" }))).toMatchObject({
      ...problem(409, "thread_conflict"),
    });
    expect(await eve.news()).toEqual([]);
  });

  it("that is empty is absent", async () => {
    const { thread } = await ann.say({ thread: "", to: [ben.entity], text: "Hi" });
    expect((await ann.thread(thread)).kind).toBe("direct");
    expect(await ann.send(message({ thread: "", text: "Hi" }))).toMatchObject(problem(400, "no_recipient"));
  });

  it("may be of all the characters that an id can have, and 64 of them", async () => {
    for (const thread of ["A.z_0~-".padEnd(64, somebody("x").replace(",", "-")), "~", "_", "..."])
      expect((await ann.say({ thread, to: [ben.entity], text: "Hi" })).thread).toBe(thread);
  });

  it.each(["a b", "a/b", "ä", "a:b", "a,b", "a|b", ".", "..", "x".repeat(65), "a\n", "%41", 1, [], {}])(
    "must not be anything else: %j",
    async (thread) => {
      const issues = [{ path: "message.thread", message: expect.any(String) }];
      expect(await ann.send(message({ thread, to: [ben.entity], text: "Hi" }))).toMatchObject({
        status: 400,
        json: { code: "invalid", issues },
      });
    },
  );

  it("that is unknown, without to, is not found; nor is one of others, and nothing tells them apart", async () => {
    const { thread } = await ann.say({ thread: room(), to: [ben.entity], text: "Hi" });
    const unknown = await eve.send(message({ thread: room(), text: "Hi" }));
    const foreign = await eve.send(message({ thread, text: "Hi" }));
    expect(unknown).toMatchObject(problem(404, "thread_not_found"));
    expect(foreign).toMatchObject(problem(404, "thread_not_found"));
    expect(foreign.text).toBe(unknown.text);
    const invited = await eve.send(message({ thread, to: [ben.entity], text: "Hi" }));
    expect(invited.text).toBe(unknown.text);
  });

  it("is not found by a former member", async () => {
    const { thread } = await ann.say({ thread: room(), to: [ben.entity], text: "Hi" });
    await ann.call("PATCH", `threads/${thread}`, { remove: [ben.entity] });
    expect(await ben.send(message({ thread, text: "Hi" }))).toMatchObject(problem(404, "thread_not_found"));
  });

  it("does not hear those who have no voice in it", async () => {
    const { thread } = await ann.say({ thread: room(), to: [ben.entity], text: "Hi" });
    const role = { entity: ben.entity, role: "visitor" };
    expect((await ann.call("PATCH", `threads/${thread}`, { role })).status).toBe(200);
    expect(await ben.send(message({ thread, text: "Hi" }))).toMatchObject(problem(403, "cannot_send"));
  });
});

describe("to", () => {
  it("finds or makes the direct thread of exactly the sender and those listed", async () => {
    const one = await ann.say({ to: [ben.entity], text: "1" });
    for (const to of [[ben.entity], [ann.entity, ben.entity], [ben.entity, ben.entity]])
      expect((await ann.say({ to, text: "again" })).thread).toBe(one.thread);
    expect((await ben.say({ to: [ann.entity], text: "back" })).thread).toBe(one.thread);
    expect((await ben.say({ to: [ann.entity, ben.entity], text: "back" })).thread).toBe(one.thread);
    expect(await ann.thread(one.thread)).toMatchObject({ kind: "direct", memberCount: 2, seq: 6 });
  });

  it("never finds a superset, a subset, or a room of the same", async () => {
    const three = await ann.say({ to: [ben.entity, eve.entity], text: "1" });
    const chamber = await ann.say({ thread: room(), to: [ben.entity], text: "1" });
    const two = await ann.say({ to: [ben.entity], text: "1" });
    const self = await ann.say({ to: [ann.entity], text: "1" });
    expect(new Set([three, chamber, two, self].map((it) => it.thread)).size).toBe(4);
    expect((await eve.say({ to: [ann.entity, ben.entity], text: "2" })).thread).toBe(three.thread);
    expect((await ann.thread(self.thread)).memberCount).toBe(1);
  });

  it("is made of entities as they are, whatever characters they have", async () => {
    const odd = ["a,b", "a|b", "a:b", "a%2Cb", "ä/ö", "a b", '"', "\\", "👍"].map((it) => somebody(it));
    const threads = new Set<string>();
    for (const entity of odd) threads.add((await ann.say({ to: [entity], text: "Hi" })).thread);
    threads.add((await ann.say({ to: odd, text: "Hi" })).thread);
    expect(threads.size).toBe(odd.length + 1);
    const first = await outsider(server, odd[7] ?? "");
    expect((await first.say({ to: [ann.entity], text: "Hi yourself" })).seq).toBe(2);
  });

  it("tells people apart whose names run together to the same", async () => {
    const name = somebody("apart");
    const pairs = [
      [name, `${name}ab`],
      [`${name}${name}a`, "b"],
    ];
    const threads = await Promise.all(pairs.map(async (to) => (await ann.say({ to, text: "Hi" })).thread));
    expect(new Set(threads).size).toBe(2);
  });

  it("may have 200 entities, and not one more", async () => {
    const to = Array.from({ length: 201 }, () => somebody());
    expect((await ann.say({ to: to.slice(1), text: "Hi" })).seq).toBe(1);
    expect(await ann.send(message({ to, text: "Hi" }))).toMatchObject(problem(400, "invalid"));
  });

  it.each([[[]], ["ben"], [{}], [[""]], [[1]], [[null]], [["a\nb"]], [["a\u0085"]], [["a".repeat(256)]]])(
    "must be a list of entities, and not %j",
    async (to) => {
      const reply = await ann.send(message({ to, text: "Hi" }));
      expect(reply).toMatchObject(problem(400, "invalid"));
      expect(reply.json).toHaveProperty("issues.0.path", expect.stringMatching(/^message\.to/));
    },
  );

  it("is needed when there is no thread", async () => {
    expect(await ann.send(message({ text: "Hi" }))).toMatchObject(problem(400, "no_recipient"));
  });

  it("is never delivered", async () => {
    await ann.say({ to: [ben.entity], text: "Hi" });
    expect(messages(await ben.news())[0]).not.toHaveProperty("to");
  });
});

describe("text and subject", () => {
  it("are optional", async () => {
    await ann.say({ to: [ben.entity], attachments: [{ url: "https://a.example" }] });
    const [it] = messages(await ben.news());
    expect(it).not.toHaveProperty("text");
    expect(it).not.toHaveProperty("subject");
  });

  it("may be empty", async () => {
    await ann.say({ to: [ben.entity], text: "", subject: "", extra: 1 });
    expect(messages(await ben.news())).toMatchObject([{ text: "", subject: "" }]);
  });

  it.each(["text", "subject"])("are strings: %s", async (name) => {
    for (const value of [1, true, [], {}]) {
      const issues = [{ path: `message.${name}`, message: expect.any(String) }];
      expect(await ann.send(message({ to: [ben.entity], [name]: value }))).toMatchObject({
        status: 400,
        json: { code: "invalid", issues },
      });
    }
  });

  it("text may have 8 KiB of UTF-8, and not one byte more", async () => {
    for (const text of ["x".repeat(8_192), "é".repeat(4_096), "👍".repeat(2_048)]) {
      expect((await ann.say({ to: [ben.entity], text })).seq).toBeGreaterThan(0);
      expect(await ann.send(message({ to: [ben.entity], text: `${text}x` }))).toMatchObject(problem(413, "too_large"));
    }
  });

  it("text is as long as it is delivered, when it is HTML", async () => {
    const link = '<a href="https://a.example">a</a>';
    const html = link.repeat(100);
    expect(Buffer.byteLength(html)).toBeLessThan(8_192);
    const reply = await ann.send(message({ to: [ben.entity], type: "html", text: html }));
    expect(reply).toMatchObject(problem(413, "too_large"));
  });

  it("the whole delivered message may have 16 KiB, and not one byte more", async () => {
    await ann.say({ to: [ben.entity], extra: "é" });
    const [probe] = messages(await ben.news());
    const left = 16_384 - Buffer.byteLength(JSON.stringify(probe));
    await ann.say({ to: [ben.entity], extra: `é${"x".repeat(left)}` });
    const [, full] = messages(await ben.news());
    expect(Buffer.byteLength(JSON.stringify(full))).toBe(16_384);
    const beyond = { to: [ben.entity], extra: `é${"x".repeat(left + 1)}` };
    expect(await ann.send(message(beyond))).toMatchObject(problem(413, "too_large"));
    expect(messages(await ben.news())).toHaveLength(2);
  });

  it("the whole delivered message is bounded also as the first of its thread", async () => {
    await ann.say({ to: [ben.entity], extra: "" });
    const [probe] = messages(await ben.news());
    const left = 16_384 - Buffer.byteLength(JSON.stringify(probe));
    const beyond = { to: [eve.entity], extra: "x".repeat(left + 1) };
    expect(await ann.send(message(beyond))).toMatchObject(problem(413, "too_large"));
    expect((await ann.say({ to: [eve.entity], extra: "x".repeat(left) })).seq).toBe(1);
  });

  it.each(["plain", "rst"])("come out to the letter: %s", async (type) => {
    const text = `<script>alert(1)</script> & <b onclick=x> "quoted" \\ \u0000\u0007\t\r\n \u2028 javascript:x ünïcödé 👩‍👩‍👧 `;
    await ann.say({ to: [ben.entity], type, text, subject: text });
    expect(messages(await ben.news())).toMatchObject([{ type, text, subject: text }]);
  });
});

describe("type", () => {
  it("is plain when nothing is said", async () => {
    await ann.say({ to: [ben.entity], text: "Hi" });
    expect(messages(await ben.news())).toMatchObject([{ type: "plain" }]);
  });

  it.each(["markdown", "", "HTML", "text/plain", 1])("must not be %j", async (type) => {
    const issues = [{ path: "message.type", message: expect.any(String) }];
    expect(await ann.send(message({ to: [ben.entity], type }))).toMatchObject({
      status: 400,
      json: { code: "invalid", issues },
    });
  });

  it("html is sanitised on the way in", async () => {
    const attacks = [
      "<script>alert(1)</script>",
      '<img src=x onerror="alert(1)">',
      '<a href="javascript:alert(1)">a</a>',
      '<a href="jAvAsCrIpT&colon;alert(1)">a</a>',
      '<a href="  java\nscript:alert(1)">a</a>',
      '<b style="position:fixed" onclick="alert(1)" class="x">b</b>',
      "<style>*{display:none}</style>",
      "<svg><script>alert(1)</script></svg>",
      '<iframe src="https://evil.example"></iframe>',
      "<math><mtext></math><script>alert(1)</script>",
      '<form action="https://evil.example"><input></form>',
      "<p>kept</p>",
    ];
    await ann.say({ to: [ben.entity], type: "html", text: attacks.join("\n") });
    const [it] = messages(await ben.news());
    expect(it?.text).toContain("<p>kept</p>");
    expect(it?.text).not.toMatch(/script|on\w+=|style|javascript|iframe|svg|form|class=/i);
    const history = await ben.call("GET", `threads/${it?.thread}/messages`);
    expect(part(history, "messages")).toEqual([it]);
  });

  it("html keeps what is harmless", async () => {
    const text = "<p>a <b>b</b> <em>c</em> <code>d</code><br /></p><ul><li>e</li></ul>";
    await ann.say({ to: [ben.entity], type: "html", text });
    expect(messages(await ben.news())).toMatchObject([{ text }]);
  });
});

describe("language", () => {
  it.each([
    ["en_US", "en-US"],
    ["EN-us", "en-US"],
    ["zh-hant-cn", "zh-Hant-CN"],
    ["sl-rozaj-biske-1994", "sl-rozaj-biske-1994"],
    ["DE-latn-ch-1901", "de-Latn-CH-1901"],
    ["en-ca-x-CA", "en-CA-x-ca"],
    ["x-WHATEVER", "x-whatever"],
    ["i-KLINGON", "i-klingon"],
    ["AZ-ARAB-X-AZE-derbend", "az-Arab-x-aze-derbend"],
  ])("%s is stored as %s", async (language, canonical) => {
    await ann.say({ to: [ben.entity], text: "Hi", language });
    expect(messages(await ben.news())).toMatchObject([{ language: canonical }]);
  });

  it.each(["", "e", "en-", "-en", "en US", "en--US", "abcdefghi", "de-419-DE", "a-DE", "ar-a-aaa-b-bbb-a-ccc", "ä", 1])(
    "is not well-formed: %j",
    async (language) => {
      const issues = [{ path: "message.language", message: expect.any(String) }];
      expect(await ann.send(message({ to: [ben.entity], language }))).toMatchObject({
        status: 400,
        json: { code: "invalid", issues },
      });
    },
  );
});

describe("attachments", () => {
  it("are delivered as they came", async () => {
    const attachments = [
      { url: "https://a.example/f?x=1#y", name: "f", contentType: "text/plain", size: 0 },
      { url: "http://a.example", width: 10, thumbnail: { url: "data:x" } },
    ];
    await ann.say({ to: [ben.entity], attachments });
    expect(messages(await ben.news())[0]?.attachments).toEqual(attachments);
  });

  it("lose the names that the server owns", async () => {
    const owned = { seq: 1, timestamp: 1, sender: 1, edited: 1, retracted: 1, reactions: 1, entity: 1, blocked: 1 };
    await ann.say({ to: [ben.entity], attachments: [{ url: "https://a.example", kept: { seq: 1 }, ...owned }] });
    expect(messages(await ben.news())[0]?.attachments).toEqual([{ url: "https://a.example", kept: { seq: 1 } }]);
  });

  it("are none when nothing is said", async () => {
    await ann.say({ to: [ben.entity], subject: "Hi" });
    expect(messages(await ben.news())[0]?.attachments).toEqual([]);
  });

  it("are 10 at most", async () => {
    const attachments = Array.from({ length: 10 }, () => ({ url: "https://a.example" }));
    await ann.say({ to: [ben.entity], attachments });
    const eleven = [...attachments, { url: "https://a.example" }];
    expect(await ann.send(message({ to: [ben.entity], attachments: eleven }))).toMatchObject(problem(400, "invalid"));
  });

  it.each([
    [[{}]],
    [[{ url: 1 }]],
    [[{ url: "" }]],
    [[{ url: "/relative" }]],
    [[{ url: "javascript:alert(1)" }]],
    [[{ url: "data:text/html,x" }]],
    [[{ url: "ftp://a.example" }]],
    [["https://a.example"]],
    [[null]],
    [[[]]],
    [{ url: "https://a.example" }],
    ["https://a.example"],
    [[{ url: "https://a.example", name: 1 }]],
    [[{ url: "https://a.example", contentType: 1 }]],
    [[{ url: "https://a.example", size: "1" }]],
    [[{ url: "https://a.example", size: -1 }]],
    [[{ url: "https://a.example", size: 1.5 }]],
  ])("are refused in the wrong shape: %j", async (attachments) => {
    const reply = await ann.send(message({ to: [ben.entity], attachments }));
    expect(reply).toMatchObject(problem(400, "invalid"));
    expect(reply.json).toHaveProperty("issues.0.path", expect.stringMatching(/^message\.attachments/));
  });
});

describe("null", () => {
  it.each(["id", "thread", "text", "subject", "type", "language", "attachments", "mentions", "replyTo"])(
    "counts as absent: %s",
    async (name) => {
      const said = await ann.say({ to: [ben.entity], text: "Hi", subject: "Hi", [name]: null });
      expect(said).toMatchObject({ id: expect.stringMatching(UUID), seq: 1 });
      const [delivered] = messages(await ben.news());
      expect(delivered).toMatchObject({ id: said.id, thread: said.thread, type: "plain", attachments: [] });
      expect(Object.values(delivered ?? {})).not.toContain(null);
    },
  );

  it("counts as absent: to", async () => {
    const { thread } = await ann.say({ to: [ben.entity], text: "Hi" });
    expect((await ann.say({ thread, to: null, text: "Hi" })).seq).toBe(2);
    expect(await ann.send(message({ to: null, text: "Hi" }))).toMatchObject(problem(400, "no_recipient"));
  });

  it("is kept in what the server does not know, and refused where something is required", async () => {
    await ann.say({ to: [ben.entity], text: "Hi", extension: null });
    expect(messages(await ben.news())).toMatchObject([{ text: "Hi", extension: null }]);
    const reply = await ann.send({ type: "reaction", reaction: { thread: null, id: randomUUID(), emoji: "👍" } });
    expect(reply).toMatchObject(problem(400, "invalid"));
    expect(reply.json).toHaveProperty("issues.0.path", "reaction.thread");
  });
});

describe("the delivered form", () => {
  it("has id, thread, seq, timestamp, sender, type and attachments filled in, everywhere the same", async () => {
    const sent = await ann.say({ to: [ben.entity], text: "Hi" });
    const expected = {
      ...{ id: sent.id, thread: sent.thread, seq: sent.seq, timestamp: sent.timestamp },
      sender: { id: ann.entity, objectType: "person", displayName: ann.entity },
      type: "plain",
      text: "Hi",
      attachments: [],
    };
    expect(messages(await ben.news())).toEqual([expected]);
    expect(messages(await ann.news())).toEqual([expected]);
    const history = await ben.call("GET", `threads/${sent.thread}/messages`);
    expect(part(history, "messages")).toEqual([expected]);
    expect((await ben.thread(sent.thread)).last).toEqual(expected);
  });

  it("keeps unknown properties to the letter, and drops those that the server owns", async () => {
    const owned = {
      ...{ seq: 99, timestamp: "2001-01-01T00:00:00.000Z", sender: { id: "mallory" }, edited: "e" },
      ...{ retracted: "r", reactions: { "👍": ["x"] }, entity: "x", blocked: true },
    };
    const extensions = {
      foo2: "some other extension property",
      "x:y/z": [1, -0.5, 1e21, true, null, { deep: [{ er: "é\u2028\u0000" }] }],
      "": "empty",
      resync: { seq: 1, sender: 2 },
    };
    const sent = await ann.say({ to: [ben.entity], text: "Hi", ...owned, ...extensions });
    const [it] = messages(await ben.news());
    expect(it).toEqual({
      ...extensions,
      ...{ id: sent.id, thread: sent.thread, seq: 1, timestamp: sent.timestamp },
      ...{ sender: expect.objectContaining({ id: ann.entity }), type: "plain", text: "Hi", attachments: [] },
    });
  });

  it("is numbered densely in each thread, one order for everybody, however many send at once", async () => {
    const { thread } = await ann.say({ thread: room(), to: [ben.entity, eve.entity], text: "0" });
    await Promise.all(
      [ann, ben, eve].flatMap((who) => Array.from({ length: 10 }, (_, i) => who.say({ thread, text: `${i}` }))),
    );
    const [one, two, three] = await Promise.all([ann, ben, eve].map(async (who) => messages(await who.news())));
    expect(one?.map((it) => it.seq)).toEqual(Array.from({ length: 31 }, (_, i) => i + 1));
    expect(two).toEqual(one);
    expect(three).toEqual(one);
  });

  it("is what the first answer of a new thread's members has after the thread", async () => {
    const { thread } = await ann.say({ to: [ben.entity], text: "Hi" });
    expect(await ben.news()).toMatchObject([
      { type: "thread", thread: { id: thread, action: "created", by: ann.entity } },
      { type: "message", message: { thread, seq: 1 } },
    ]);
    expect(asThread(await ben.call("GET", `threads/${thread}`)).seq).toBe(1);
  });
});
