import { afterAll, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { asThread, outsider, part, somebody } from "../support/outsider.js";

// A change of members says one thing about each of them.

const server = inProcess();
afterAll(() => server.stop());

const invalid = { status: 400, json: { code: "invalid" } };

async function club() {
  const [ann, ben, cid] = await Promise.all(["ann", "ben", "cid"].map((it) => outsider(server, somebody(it))));
  if (ann === undefined || ben === undefined || cid === undefined) throw new Error("Nobody is there");
  const { id } = asThread(await ann.call("POST", "threads", { kind: "room", members: [ben.entity] }));
  return { ann, ben, cid, id };
}

describe("a change that contradicts itself", () => {
  it.each([
    ["add", "ban"],
    ["add", "remove"],
    ["ban", "unban"],
  ])("is refused, and changes nothing: %s and %s", async (one, other) => {
    const { ann, ben, cid, id } = await club();
    for (const { entity } of [ben, cid]) {
      const changes = { [one]: [entity], [other]: [ann.entity, entity] };
      expect(await ann.call("PATCH", `threads/${id}`, changes)).toMatchObject(invalid);
      expect(await ann.send({ type: "thread", thread: { id, ...changes } })).toMatchObject(invalid);
    }
    const { members } = await ann.thread(id);
    expect(members.map(({ entity }) => entity)).toEqual([ann.entity, ben.entity]);
    const code = part(await ann.call("POST", `threads/${id}/invites`), "code");
    expect((await cid.call("POST", "threads/join", { code })).status).toBe(200);
  });

  it("is none where both say the same, or one makes the other possible", async () => {
    const { ann, ben, cid, id } = await club();
    const alter = (changes: object) => ann.call("PATCH", `threads/${id}`, changes);
    expect((await alter({ remove: [ben.entity], ban: [ben.entity, cid.entity] })).status).toBe(200);
    expect((await alter({ unban: [ben.entity], add: [ben.entity] })).status).toBe(200);
    expect((await ben.thread(id)).memberCount).toBe(2);
  });
});
