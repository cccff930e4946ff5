import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Entity } from "../../lib/schema/actor.js";
import { cleanName, DisplayName } from "../../lib/schema/display-name.js";
import { inProcess } from "../support/in-process.js";
import { asThread, type Outsider, outsider, somebody } from "../support/outsider.js";
import { session } from "../support/site.js";

// Nobody looks like somebody else.

const server = inProcess({ rateSend: 1_000 });
let ann: Outsider;
beforeAll(async () => {
  ann = await outsider(server, somebody("ann"));
});
afterAll(() => server.stop());

describe("the subject of a thread", () => {
  const SUBJECTS: [string, string | undefined][] = [
    ["\u202EtroppuS", "troppuS"],
    ["Tea\r\n\u2028and\u0000 cake", "Tea and cake"],
    ["Sup\u200Bport \u2066", "Support"],
    ['T"e\\a 👍', 'T"e\\a 👍'],
    ["\u200B\u3164", undefined],
    ["", undefined],
  ];

  it.each(SUBJECTS)("is normalised as the names of people are, wherever it is given: %j", async (subject, clean) => {
    const made = asThread(await ann.call("POST", "threads", { kind: "room", members: [], subject }));
    expect(made.subject).toBe(clean);
    const { id } = asThread(await ann.call("POST", "threads", { kind: "room", members: [], subject: "Tea" }));
    expect(asThread(await ann.call("PATCH", `threads/${id}`, { subject })).subject).toBe(clean);
    await ann.call("PATCH", `threads/${id}`, { subject: "Tea" });
    await ann.send({ type: "thread", thread: { id, subject } });
    expect((await ann.thread(id)).subject).toBe(clean);
    const direct = { kind: "direct", members: [somebody()], subject };
    expect(asThread(await ann.call("POST", "threads", direct)).subject).toBe(clean);
  });

  it("has at most 1 KiB when it is normalised, too", async () => {
    // Three bytes that are six in NFC.
    const grows = { kind: "room", members: [], subject: "\u{FB2C}".repeat(340) };
    expect(await ann.call("POST", "threads", grows)).toMatchObject({ status: 413, json: { code: "too_large" } });
  });
});

describe("display names", () => {
  it.each([
    ["Zoe\u0308", "Zoë"],
    ["\u202EnimdA", "nimdA"],
    ["Ann\u0000", "Ann"],
    ["Ann\r\nBen\u2028Cid", "Ann Ben Cid"],
    ["ad\u200Bmin\u2060\uFEFF", "admin"],
    ["\u2066Ann\u2069 \u{E0041}", "Ann"],
    ["  Ann \u2800 B ", "Ann B"],
    ["👩\u200D👧 ❤\uFE0F 🇩🇪", "👩\u200D👧 ❤\uFE0F 🇩🇪"],
    ["می\u200Cخواهم", "می\u200Cخواهم"],
    ["Ann\u200D", "Ann"],
    ["\uFE0FAnn", "Ann"],
    ["Jose\u200B\u0301", "José"],
    ["Ann \u200B Ben", "Ann Ben"],
    ["Ad\u200Dmin Юр\u200Cий 1\u200D2", "Admin Юрий 12"],
    ["User1\uFE0F 1\uFE0F\u20E3", "User1 1\uFE0F\u20E3"],
    ["क्\u200Dष ශ්\u200Dරී", "क्\u200Dष ශ්\u200Dරී"],
  ])("are normalised, without what hides or turns them: %j", (name, clean) => {
    expect(cleanName(name)).toBe(clean);
    expect(v.parse(DisplayName, name)).toBe(clean);
    expect(cleanName(clean)).toBe(clean);
  });

  it.each(["", " ", "\u200B", "\u3164", "\u2800", "\u202E\u202C", "\uFE0F", "\u00AD", "\u0301"])(
    "have something visible in them: %j",
    (name) => {
      expect(cleanName(name)).toBeUndefined();
      expect(v.is(DisplayName, name)).toBe(false);
    },
  );
});

describe("entities", () => {
  it.each([
    "ad\u200Bmin",
    "\u202Euser",
    "a\u00ADb",
    "a\u2028b",
    "\u3164",
    "a\uFE0F",
    "a\u{E0041}",
    "a\u0000",
    "\uFEFFa",
  ])("have no invisible characters: %j", (entity) => expect(v.is(Entity, entity)).toBe(false));

  it.each(["\u2800", "a\u2800", " ", "\u3000\u2003", "\u115F", "\u0301", "\uE000", "\u{E0061}", "\u200D", "\u{E0100}"])(
    "show something: not %j",
    (entity) => expect(v.is(Entity, entity)).toBe(false),
  );

  it.each(["\u2800", " ", "\u3164", "\u{E0061}"])("that show nothing are taken nowhere: %j", async (entity) => {
    const at = encodeURIComponent(entity);
    const invalid = { status: 400, json: { code: "invalid" } };
    const send = (type: string, payload: unknown) => ann.send({ type, [type]: payload });
    const { thread } = await ann.say({ to: [somebody()], text: "Hello" });
    for (const reply of [
      send("message", { to: [entity], text: "x" }),
      send("message", { thread, mentions: [entity], text: "x" }),
      send("block", { entity }),
      ...["add", "remove", "ban", "unban"].map((list) => send("thread", { id: thread, [list]: [entity] })),
      send("thread", { id: thread, role: { entity, role: "owner" } }),
      ann.call("POST", "threads", { kind: "room", members: [entity] }),
      ann.call("POST", "threads", { kind: "direct", members: [entity] }),
      ann.call("PATCH", `threads/${thread}`, { add: [entity] }),
      ann.call("POST", "start-session", { user: entity }),
      ann.call("GET", `actors?ids=${at}`),
      ann.call("GET", `friends?after=${at}`),
      ann.call("GET", `blocks?after=${at}`),
    ])
      expect(await reply).toMatchObject(invalid);
    const headers = { authorization: `Bearer ${await session(entity)}` };
    expect(await server.call("POST", "token", { headers })).toMatchObject({ status: 401 });
  });

  it.each(["nereid.user,123", 'user,"\\%é👍', "用户 1", "https://a.example/u?x=1#y"])("may be %j", (entity) =>
    expect(v.is(Entity, entity)).toBe(true),
  );
});
