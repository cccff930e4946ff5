import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { asThread, type Outsider, outsider, part, somebody } from "../support/outsider.js";

// PROFILE §6: search.

const server = inProcess();
afterAll(() => server.stop());

let ann: Outsider;
let ben: Outsider;
let cid: Outsider;
beforeEach(async () => {
  ann = await outsider(server, somebody("ann"));
  ben = await outsider(server, somebody("ben"));
  cid = await outsider(server, somebody("cid"));
});

const problem = (status: number, code: string) => ({ status, json: { status, code } });
const search = (who: Outsider, query: Record<string, string | number>) =>
  who.call(
    "GET",
    `search?${new URLSearchParams(Object.entries(query).map(([name, it]): [string, string] => [name, `${it}`]))}`,
  );
const make = async (body: object) =>
  asThread(await ann.call("POST", "threads", { kind: "room", members: [], ...body })).id;

type Result = { thread: string; message: { seq: number; text?: string } };

/** Searches part by part, and counts the parts; `between` happens after each. */
async function all(who: Outsider, query: Record<string, string | number>, between = async (_part: number) => {}) {
  const results: Result[] = [];
  for (let parts = 1, cursor = {}; ; parts++) {
    const reply = await search(who, { ...query, ...cursor });
    const found = part(reply, "results");
    if (reply.status !== 200 || !Array.isArray(found)) throw new Error(`Cannot search: ${reply.status} ${reply.text}`);
    results.push(...found);
    const next = part(reply, "cursor");
    if (next === undefined) return { results, parts, texts: results.map((it) => it.message.text) };
    await between(parts);
    cursor = { cursor: next };
  }
}
const texts = async (who: Outsider, q: string, more = {}) => (await all(who, { q, ...more })).texts;

describe("GET search", () => {
  it("finds messages as history shows them, the latest active thread and the newest message first", async () => {
    const one = await ann.say({ to: [ben.entity], text: "tea 1" });
    const two = await ann.say({ to: [cid.entity], text: "tea 2" });
    await ann.say({ to: [ben.entity], text: "coffee" });
    const last = await ann.say({ to: [ben.entity], text: "tea 3", foo: { bar: 1 } });
    const { results } = await all(ann, { q: "tea" });
    expect(results.map((it) => [it.thread, it.message.text])).toEqual([
      [one.thread, "tea 3"],
      [one.thread, "tea 1"],
      [two.thread, "tea 2"],
    ]);
    const history = await ann.call("GET", `threads/${one.thread}/messages?around=${last.seq}&limit=1`);
    expect(results[0]?.message).toEqual(part(history, "messages", "0"));
  });

  it("looks into one thread alone if it is named, and finds one only for its members", async () => {
    const { thread } = await ann.say({ to: [ben.entity], text: "tea 1" });
    await ann.say({ to: [cid.entity], text: "tea 2" });
    expect(await texts(ann, "tea", { thread })).toEqual(["tea 1"]);
    expect(await texts(cid, "tea")).toEqual(["tea 2"]);
    for (const id of [thread, "no-such-thread"])
      expect(await search(cid, { q: "tea", thread: id })).toMatchObject(problem(404, "thread_not_found"));
  });

  it("finds subjects, names of files, and the text of HTML without its tags", async () => {
    const to = [ben.entity];
    await ann.say({ to, subject: "Quarterly", text: "1" });
    await ann.say({ to, text: "2", attachments: [{ url: "https://example.org/x", name: "report.pdf" }] });
    await ann.say({ to, type: "html", text: '<p>Gr<b>ün</b>kohl</p><a href="https://hidden.example/">here</a>' });
    expect(await texts(ann, "quarter")).toEqual(["1"]);
    expect(await texts(ann, "report")).toEqual(["2"]);
    expect(await texts(ann, "grunkohl")).toHaveLength(1);
    expect(await texts(ann, "hidden")).toEqual([]);
  });

  it("finds nothing that was retracted or corrected away", async () => {
    const { thread, id } = await ann.say({ to: [ben.entity], text: "secret one" });
    const other = await ann.say({ to: [ben.entity], text: "secret two" });
    await ann.send({ type: "edit", edit: { thread, id, text: "public one" } });
    await ann.send({ type: "retract", retract: { thread, id: other.id } });
    for (const who of [ann, ben]) {
      expect(await texts(who, "secret")).toEqual([]);
      expect(await texts(who, "public")).toEqual(["public one"]);
    }
  });

  it("finds nothing from before the caller joined, where members read only what was sent since, nor after leaving", async () => {
    const id = await make({ history: "joined" });
    await ann.say({ thread: id, text: "tea before" });
    await ann.call("PATCH", `threads/${id}`, { add: [ben.entity] });
    await ann.say({ thread: id, text: "tea after" });
    expect(await texts(ben, "tea")).toEqual(["tea after"]);
    expect(await texts(ann, "tea")).toEqual(["tea after", "tea before"]);
    await ben.call("PATCH", `threads/${id}`, { remove: [ben.entity] });
    expect(await texts(ben, "tea")).toEqual([]);
  });

  it("finds in direct threads nothing that somebody has sent since the caller blocks them", async () => {
    await ann.say({ to: [ben.entity], text: "tea before" });
    await ben.send({ type: "block", block: { entity: ann.entity } });
    await ann.say({ to: [ben.entity], text: "tea after" });
    expect(await texts(ben, "tea")).toEqual(["tea before"]);
    expect(await texts(ann, "tea")).toHaveLength(2);
  });

  it("goes on by a cursor, with each message once, across lists of the archive", async () => {
    const id = await make({});
    for (let i = 1; i <= 300; i++) await ann.say({ thread: id, text: `tea ${i}` });
    await ann.say({ to: [ben.entity], text: "tea 301" });
    const expected = Array.from({ length: 301 }, (_, i) => `tea ${301 - i}`);
    expect(await texts(ann, "tea", { limit: 7 })).toEqual(expected);
    expect(await texts(ann, "tea", { limit: 1_000 })).toEqual(expected);
    expect(await texts(ann, "tea", { thread: id, limit: 50 })).toEqual(expected.slice(1));
  });

  it("reads a bounded part for each call, and says where to go on also when it has found nothing", async () => {
    const id = await make({});
    await ann.say({ thread: id, text: "needle" });
    const padding = "x".repeat(7_000);
    for (let i = 0; i < 160; i++) await ann.say({ thread: id, text: padding, more: padding });
    const first = await search(ann, { q: "needle" });
    expect(first.json).toEqual({ results: [], cursor: expect.any(String) });
    const { texts: found, parts } = await all(ann, { q: "needle" });
    expect(found).toEqual(["needle"]);
    expect(parts).toBe(2);
  });

  it("loses and repeats no thread that becomes active meanwhile", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 12; i++) ids.push((await ann.say({ to: [somebody()], text: `tea ${i}` })).thread);
    // One that is yet to be searched moves to the front, and one that was searched already moves back there.
    const { texts: found } = await all(ann, { q: "tea", limit: 2 }, async (part) => {
      await ann.say({ thread: ids[part], text: "coffee" });
      await ann.say({ thread: ids[11], text: "coffee" });
    });
    expect(found).toEqual(Array.from({ length: 12 }, (_, i) => `tea ${11 - i}`));
  });

  it("takes a query of any characters for what it is", async () => {
    await ann.say({ to: [ben.entity], text: "a (.*)+ [b] \\d tea" });
    for (const q of ["(.*)+", "[b]", "\\d", "\u0000tea\u0000", "T\u200bEA"])
      expect(await texts(ann, q)).toHaveLength(1);
    for (const q of [".+", "^a", "%00", "' OR 1=1"]) expect(await texts(ann, q)).toEqual([]);
    expect((await ann.call("GET", "search?q=%ED%A0%80%FF")).status).toBe(200);
    expect(await texts(ann, "👍".repeat(256))).toEqual([]);
  });

  it.each([
    ["q="],
    ["q=%20%00%E2%80%8B"],
    [""],
    [`q=${"x".repeat(257)}`],
    [`q=${encodeURIComponent("👍".repeat(257))}`],
    [`q=${"a+b+c+d+e+f+g+h+i+j+k"}`],
    ["q=a&limit=0"],
    ["q=a&limit=x"],
    ["q=a&thread=a%2Fb"],
  ])("refuses what is malformed: %s", async (query) => {
    expect(await ann.call("GET", `search?${query}`)).toMatchObject(problem(400, "invalid"));
  });

  it("refuses what is no cursor, and one of another thread", async () => {
    await ann.say({ to: [ben.entity], text: "tea" });
    for (const cursor of ["", "x", "1.2.3", "1.2.3.a/b", "-1.2.3.a", `${"9".repeat(16)}.1.1.a`])
      expect(await search(ann, { q: "tea", cursor })).toMatchObject(problem(400, "bad_cursor"));
    expect(await search(ann, { q: "tea", cursor: "1.2.3.other", thread: "mine" })).toMatchObject(
      problem(400, "bad_cursor"),
    );
  });

  it("refuses the cursor of a search of one thread where all are searched", async () => {
    const { thread } = await ann.say({ to: [ben.entity], text: "tea one" });
    await ann.say({ thread, text: "tea two" });
    const cursor = part(await search(ann, { q: "tea", thread, limit: "1" }), "cursor");
    if (typeof cursor !== "string") throw new Error("There is no cursor");
    expect(await search(ann, { q: "tea", cursor })).toMatchObject(problem(400, "bad_cursor"));
    expect(await search(ann, { q: "tea", cursor, thread })).toMatchObject({ status: 200 });
  });

  it("reads by a cursor that was made up nothing that the caller may not read", async () => {
    const { thread } = await ann.say({ to: [ben.entity], text: "tea" });
    const cursor = `999999999999999.999999999999999.999999999999999.${thread}`;
    expect((await search(cid, { q: "tea", cursor })).json).toEqual({ results: [] });
    expect(await search(cid, { q: "tea", cursor, thread })).toMatchObject(problem(404, "thread_not_found"));
  });

  it("counts twenty towards the rate of reads, before the store is asked", async () => {
    const strict = inProcess({ rateStream: 5 });
    const dan = await outsider(strict, somebody("dan"));
    expect((await search(dan, { q: "tea" })).status).toBe(200);
    expect(await search(dan, { q: "tea" })).toMatchObject(problem(429, "rate_limited"));
    await strict.stop();
  });
});
