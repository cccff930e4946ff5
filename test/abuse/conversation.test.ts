import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { asThread, messages, outsider, part, somebody } from "../support/outsider.js";

// A message never goes to other people than the sender named; an id that is none is nowhere one.

const server = inProcess();
afterAll(() => server.stop());

const problem = (status: number, code: string) => ({ status, json: { status, code } });

async function three() {
  const [mallory, ann, shop] = await Promise.all(
    ["mallory", "ann", "shop"].map((it) => outsider(server, somebody(it))),
  );
  if (mallory === undefined || ann === undefined || shop === undefined) throw new Error("Nobody is there");
  return { mallory, ann, shop };
}

describe("a message to a thread that somebody else made under the id", () => {
  it("is refused when it names anybody who is not a member, and reaches nobody", async () => {
    const { mallory, ann, shop } = await three();
    const thread = `order-${randomUUID()}`;
    await mallory.say({ thread, to: [ann.entity], text: "Hi" });
    const card = { thread, to: [shop.entity], text: "My card" };
    expect(await ann.send({ type: "message", message: card })).toMatchObject(problem(409, "thread_conflict"));
    const both = { ...card, to: [mallory.entity, shop.entity] };
    expect(await ann.send({ type: "message", message: both })).toMatchObject(problem(409, "thread_conflict"));
    expect(messages(await mallory.news()).map((it) => it.text)).toEqual(["Hi"]);
    expect((await ann.say({ ...card, to: [mallory.entity, ann.entity] })).seq).toBe(2);
  });

  it("gets its first result again when it was accepted, although somebody has left since", async () => {
    const { ann, shop } = await three();
    const message = { id: randomUUID(), thread: `order-${randomUUID()}`, to: [shop.entity], text: "Hi" };
    const first = await ann.say(message);
    await shop.call("PATCH", `threads/${message.thread}`, { remove: [shop.entity] });
    expect(await ann.say(message)).toEqual({ ...first, duplicate: true });
    const next = { ...message, id: randomUUID() };
    expect(await ann.send({ type: "message", message: next })).toMatchObject(problem(409, "thread_conflict"));
  });
});

describe("a room that nobody is in any more", () => {
  it("frees its id, and nothing of it remains", async () => {
    const { mallory, ann, shop } = await three();
    const thread = `order-${randomUUID()}`;
    await mallory.say({ thread, to: [ann.entity], text: "Old" });
    const invite = await mallory.call("POST", `threads/${thread}/invites`);
    await ann.call("PATCH", `threads/${thread}`, { remove: [ann.entity] });
    expect(await shop.call("POST", "threads", { kind: "room", members: [], id: thread })).toMatchObject({
      status: 409,
    });
    await mallory.call("PATCH", `threads/${thread}`, { remove: [mallory.entity] });
    expect(await mallory.call("POST", "threads/join", { code: part(invite, "code") })).toMatchObject({
      status: 404,
    });
    expect((await ann.say({ thread, to: [shop.entity], text: "New" })).seq).toBe(1);
    expect(messages(await shop.news()).map((it) => it.text)).toEqual(["New"]);
    expect(messages(await mallory.news()).map((it) => it.text)).toEqual([]);
    expect((await ann.thread(thread)).members.map((it) => it.role)).toEqual(["owner", "member"]);
    const page = await ann.call("GET", `threads/${thread}/messages`);
    expect(page.json).toMatchObject({ messages: [{ text: "New", seq: 1 }], first: 1, last: 1 });
  });
});

describe("an id that is none", () => {
  const ids = [
    "secret-1%3Amembers",
    "secret-1%3Aevents",
    "%40ann%3Aevents",
    "%40ann",
    "a%20b",
    "%E2%80%8B",
    "x".repeat(65),
  ];

  it.each(ids)("is no thread: %s", async (id) => {
    const { ann } = await three();
    await ann.send({ type: "message", message: { thread: "secret-1", to: [somebody()], text: "Hi" } });
    const calls = [
      ann.call("GET", `threads/${id}`),
      ann.call("PATCH", `threads/${id}`, { subject: "x" }),
      ann.call("GET", `threads/${id}/messages`),
      ann.call("POST", `threads/${id}/invites`),
      ann.call("GET", `threads/${id}/invites`),
    ];
    for (const reply of await Promise.all(calls)) expect(reply).toMatchObject(problem(404, "thread_not_found"));
  });

  it("is no invite and no chat token", async () => {
    const { ann } = await three();
    const room = asThread(await ann.call("POST", "threads", { kind: "room", members: [] }));
    expect(await ann.call("DELETE", `threads/${room.id}/invites/a%3Ab`)).toMatchObject(problem(404, "not_found"));
    for (const invite of ["x".repeat(43), "a%3Ab"])
      expect(await ann.call("DELETE", `threads/a%20b/invites/${invite}`)).toMatchObject(
        problem(404, "thread_not_found"),
      );
    expect((await server.call("DELETE", "token/a%3Ab")).status).toBe(204);
    expect(await ann.call("GET", "threads?before=a%3Ab")).toMatchObject(problem(400, "invalid"));
    expect(await ann.call("GET", "actors?ids=a%E2%80%8Bb")).toMatchObject(problem(400, "invalid"));
    expect(await ann.call("POST", "threads/join", { code: "x:y" })).toMatchObject(problem(404, "not_found"));
  });
});

describe("an id in another case", () => {
  it("names the same message, which keeps its own", async () => {
    const { ann, shop } = await three();
    const id = randomUUID().toUpperCase();
    const { thread } = await ann.say({ id, to: [shop.entity], text: "Hi" });
    const other = { thread, id: id.toLowerCase() };
    await ann.send({ type: "edit", edit: { ...other, text: "Ho" } });
    expect((await shop.news()).at(-1)).toMatchObject({ type: "edit", edit: { id, text: "Ho" } });
    await ann.send({ type: "retract", retract: other });
    expect((await shop.news()).at(-1)).toMatchObject({ type: "retract", retract: { id } });
    const page = await shop.call("GET", `threads/${thread}/messages`);
    expect(page.json).toMatchObject({ messages: [{ id, retracted: expect.any(String) }] });
  });
});
