import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { afterAll, describe, expect, test } from "vitest";
import { createChat } from "../../lib/chat.js";
import { chat as store } from "../support/chat.js";
import { inProcess } from "../support/in-process.js";
import { outsider, somebody } from "../support/outsider.js";
import { service } from "../support/service.js";

const chat = inProcess();
const server = await service(chat);
afterAll(() => chat.stop());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const Keys = v.tuple([v.array(v.string())]);

/** The keys of this file's chat that have a text in their name. */
async function keysOf(id: string): Promise<string[]> {
  const [keys] = await store.store.transact(Keys, (batch) => batch.keys(`${store.config.prefix}*${id}*`));
  return keys;
}

describe("a deleted thread", () => {
  test("is gone for everybody with all that belongs to it, and each stream says so", async () => {
    const [ann, ben] = [await outsider(chat, somebody("ann")), await outsider(chat, somebody("ben"))];
    const id = randomUUID();
    const { id: message } = await ann.say({ thread: id, to: [ben.entity], text: "Hi" });
    const reaction = { type: "reaction", reaction: { thread: id, id: message, emoji: "👍" } };
    await chat.call("POST", `send/${ben.token}`, { body: reaction });
    const invited = await chat.call("POST", `threads/${id}/invites`, { headers: bearer(ann.token), body: {} });
    expect((await keysOf(id)).length).toBeGreaterThan(3);
    await ben.poll();
    const held = ben.poll();
    expect((await server("DELETE", `threads/${id}`)).status).toBe(204);
    expect((await held).stanzas).toMatchObject([
      {
        type: "thread",
        thread: { id, action: "removed", by: "nereid-chat:system", entities: [ann.entity, ben.entity] },
      },
    ]);
    expect((await ann.poll()).stanzas.at(-1)).toMatchObject({ type: "thread", thread: { id, action: "removed" } });
    for (const path of [`threads/${id}`, `threads/${id}/messages`])
      expect((await chat.call("GET", path, { headers: bearer(ann.token) })).json).toMatchObject({
        code: "thread_not_found",
      });
    const { code } = v.parse(v.object({ code: v.string() }), invited.json);
    expect((await chat.call("GET", `invites/${code}`, { headers: bearer(ben.token) })).status).toBe(404);
    expect(await keysOf(id)).toEqual([]);
    expect((await server("DELETE", `threads/${id}`)).status).toBe(204);
    expect((await ann.say({ thread: id, to: [ben.entity], text: "Again" })).seq).toBe(1);
  });

  test("of two people is begun anew by the next message, on every instance", async () => {
    const [ann, ben] = [await outsider(chat, somebody("ann")), await outsider(chat, somebody("ben"))];
    const elsewhere = inProcess();
    const { thread } = await ann.say({ to: [ben.entity], text: "Hi" });
    const stanza = { type: "message", message: { to: [ben.entity], text: "Hi" } };
    await elsewhere.call("POST", `send/${ann.token}`, { body: stanza });
    await server("DELETE", `threads/${thread}`);
    const { json } = await elsewhere.call("POST", `send/${ann.token}`, { body: stanza });
    expect(json).toMatchObject({ results: [{ seq: 1 }] });
    expect(json).not.toMatchObject({ results: [{ thread }] });
    await elsewhere.stop();
  });

  test("is told to a stream that was behind, whatever else its user is in", async () => {
    const [ann, ben] = [await outsider(chat, somebody("ann")), await outsider(chat, somebody("ben"))];
    const rooms = Array.from({ length: 60 }, () => randomUUID());
    for (const thread of rooms) await ann.say({ thread, to: [ben.entity], text: "Hi" });
    await ben.poll();
    const before = (await ben.poll()).cursor;
    const [id = ""] = rooms;
    await server("DELETE", `threads/${id}`);
    const cold = inProcess();
    const { json } = await cold.call("GET", `stream/${ben.token}?wait=0&cursor=${before}`);
    const { stanzas } = v.parse(v.object({ stanzas: v.array(v.unknown()) }), json);
    expect(stanzas[0]).toMatchObject({ type: "thread", thread: { id, action: "removed" } });
    await cold.stop();
  });

  test("may have more members than one script names", async () => {
    const id = randomUUID();
    const members = Array.from({ length: 1_000 }, (_, i) => `${somebody("m")},${i}`);
    const others = Array.from({ length: 500 }, (_, i) => `${somebody("o")},${i}`);
    await server("POST", "threads", { kind: "room", id, members });
    await server("PATCH", `threads/${id}`, { add: others });
    expect((await server("DELETE", `threads/${id}`)).status).toBe(204);
    expect(await keysOf(id)).toEqual([]);
  });
});

test("createChat() makes a chat whose own process needs no credential", async () => {
  const own = createChat({ log: "silent" });
  const request = () => new Request("http://localhost/nereid-chat/server/bans");
  expect([(await own.ask(request())).status, (await own.fetch(request())).status]).toEqual([200, 401]);
  own.close();
});
