import { afterAll, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { asPage, asThread, asThreads, type Outsider, outsider, part, somebody } from "../support/outsider.js";

// What members read of a room from before they joined.

const server = inProcess();
afterAll(() => server.stop());

const problem = (status: number, code: string) => ({ status, json: { status, code } });

async function room(more: object = {}) {
  const [ann, ben, cid] = await Promise.all(["ann", "ben", "cid"].map((it) => outsider(server, somebody(it))));
  if (ann === undefined || ben === undefined || cid === undefined) throw new Error("Nobody is there");
  const made = asThread(await ann.call("POST", "threads", { kind: "room", members: [], ...more }));
  const { id } = made;
  const page = async (who: Outsider, query = "") => {
    const { messages, first, last } = asPage(await who.call("GET", `threads/${id}/messages${query}`));
    return { texts: messages.map((it) => it.text), first, last };
  };
  const say = async (...texts: string[]) => {
    for (const text of texts) await ann.say({ thread: id, text });
  };
  const join = async (who: Outsider) => {
    const code = part(await ann.call("POST", `threads/${id}/invites`), "code");
    expect((await who.call("POST", "threads/join", { code })).status).toBe(200);
  };
  const alter = (by: Outsider, change: object) => by.call("PATCH", `threads/${id}`, change);
  return { ann, ben, cid, made, id, page, say, join, alter };
}

describe("the history of a room", () => {
  it("is all of it unless the room says otherwise", async () => {
    const { ann, ben, made, page, say, join } = await room({ history: "all" });
    expect(made).not.toHaveProperty("history");
    await say("a", "b");
    await join(ben);
    expect(await page(ben)).toEqual({ texts: ["a", "b"], first: 1, last: 2 });
    expect((await ann.news())[0]).not.toHaveProperty("thread.history");
  });

  it("begins where each member last joined, if the room says so, in pages, in lists and in threads", async () => {
    const { ann, ben, cid, id, made, page, say, join, alter } = await room({ history: "joined" });
    expect(made.history).toBe("joined");
    expect((await ann.news())[0]).toMatchObject({ thread: { action: "created", history: "joined" } });
    await say("a", "b");
    await join(ben);
    await alter(ann, { add: [cid.entity] });
    for (const who of [ben, cid]) {
      expect(await page(who)).toEqual({ texts: [], first: 3, last: 2 });
      const [listed] = asThreads(await who.call("GET", "threads"));
      for (const it of [listed, await who.thread(id)]) {
        expect(it).toMatchObject({ id, seq: 2, unread: 0, history: "joined" });
        expect(it).not.toHaveProperty("last");
      }
      expect(JSON.stringify(await who.news())).not.toMatch(/"text":"[ab]"/);
      expect(JSON.stringify((await who.poll("?wait=0&cursor=elsewhere.1")).stanzas)).not.toContain("text");
    }
    await say("c", "d");
    expect(await page(ben)).toEqual({ texts: ["c", "d"], first: 3, last: 4 });
    for (const query of ["?after=0", "?after=1&limit=9", "?before=5"])
      expect((await page(ben, query)).texts).toEqual(["c", "d"]);
    expect((await page(ben, "?before=3")).texts).toEqual([]);
    expect((await page(ben, "?limit=1&before=4")).texts).toEqual(["c"]);
    expect(await ben.thread(id)).toMatchObject({ last: { text: "d" }, unread: 2 });
    await alter(ann, { remove: [cid.entity] });
    await say("e");
    await alter(ann, { add: [cid.entity] });
    expect(await page(cid)).toEqual({ texts: [], first: 6, last: 5 });
    expect((await page(ann)).texts).toHaveLength(5);
  });

  it("hides a message from before also from who names it by its id, as if there were none", async () => {
    const { ann, ben, cid, id, join, alter } = await room({ history: "joined" });
    await join(ben);
    const hers = await ann.say({ thread: id, text: "hers" });
    const his = await ben.say({ thread: id, text: "his" });
    await join(cid);
    await alter(ann, { remove: [ben.entity] });
    await join(ben);
    const attempts = (who: Outsider, message: string) => [
      who.send({ type: "reaction", reaction: { thread: id, id: message, emoji: "👍" } }),
      who.send({ type: "edit", edit: { thread: id, id: message, text: "changed" } }),
      who.send({ type: "message", message: { thread: id, text: "re", replyTo: message } }),
      who.send({ type: "report", report: { thread: id, id: message } }),
    ];
    const strange = cid.send({ type: "retract", retract: { thread: id, id: hers.id } });
    for (const reply of await Promise.all([...attempts(cid, hers.id), ...attempts(ben, his.id), strange]))
      expect(reply).toMatchObject(problem(404, "message_not_found"));
    expect(await ann.thread(id)).toMatchObject({ seq: 2 });
    expect(JSON.stringify((await ann.call("GET", `threads/${id}/messages`)).json)).not.toMatch(/👍|changed/);
    // What one has said can be taken back nevertheless.
    expect((await ben.send({ type: "retract", retract: { thread: id, id: his.id } })).status).toBe(200);
    const later = await ann.say({ thread: id, text: "later" });
    expect((await cid.send({ type: "message", message: { thread: id, text: "re", replyTo: later.id } })).status).toBe(
      200,
    );
  });

  it("is changed by owners alone, told to all, and applies to those who joined before, too", async () => {
    const { ann, ben, id, page, say, join, alter } = await room();
    await say("a");
    await join(ben);
    await say("b");
    expect(await alter(ben, { history: "joined" })).toMatchObject(problem(403, "forbidden"));
    expect(await alter(ben, { history: "joined", remove: [ben.entity] })).toMatchObject(problem(403, "forbidden"));
    for (let i = 0; i < 2; i++) expect(part(await alter(ann, { history: "joined" }), "history")).toBe("joined");
    expect(await page(ben)).toEqual({ texts: ["b"], first: 2, last: 2 });
    const stanza = { type: "thread", thread: { id, history: "all" } };
    expect((await ann.send(stanza)).status).toBe(200);
    expect(await page(ben)).toEqual({ texts: ["a", "b"], first: 1, last: 2 });
    expect(await ben.thread(id)).not.toHaveProperty("history");
    const told = (await ben.news()).filter((it) => JSON.stringify(it).includes('"action":"history"'));
    expect(told).toMatchObject([{ thread: { id, history: "joined", by: ann.entity } }, { thread: { history: "all" } }]);
  });

  it("is no setting of direct threads, and nothing else than these two", async () => {
    const { ann, ben, alter } = await room();
    const direct = { kind: "direct", members: [ben.entity] };
    for (const more of [{ history: "joined" }, { id: "lunch" }]) {
      const refused = await ann.call("POST", "threads", { ...direct, ...more });
      expect(refused).toMatchObject(problem(400, "invalid"));
      expect(refused.json).toMatchObject({ issues: [{ path: Object.keys(more)[0] }] });
    }
    const { id } = asThread(await ann.call("POST", "threads", direct));
    expect(await ann.call("PATCH", `threads/${id}`, { history: "joined" })).toMatchObject(problem(403, "forbidden"));
    expect(await alter(ann, { history: "none" })).toMatchObject(problem(400, "invalid"));
  });
});
