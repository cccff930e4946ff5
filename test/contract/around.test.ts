import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { asPage, asThread, type Outsider, outsider, part, type Sent, somebody } from "../support/outsider.js";

// PROFILE §6: history around a message.

const server = inProcess();
afterAll(() => server.stop());

let ann: Outsider;
let ben: Outsider;
beforeEach(async () => {
  ann = await outsider(server, somebody("ann"));
  ben = await outsider(server, somebody("ben"));
});

const problem = (status: number, code: string) => ({ status, json: { status, code } });
const read = (who: Outsider, thread: string, query: string) => who.call("GET", `threads/${thread}/messages?${query}`);
const seqs = async (who: Outsider, thread: string, query: string) =>
  asPage(await read(who, thread, query)).messages.map((it) => it.seq);

/** Makes a thread of ann and ben with so many messages of ann's. */
async function talk(count: number): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (let i = 1; i <= count; i++) sent.push(await ann.say({ to: [ben.entity], text: `${i}` }));
  return sent;
}

describe("GET threads/<id>/messages?around=", () => {
  it("has the message with as many before as after it, by its seq or its id in either case", async () => {
    const sent = await talk(12);
    const { thread, id } = sent[5] ?? { thread: "", id: "" };
    expect(await seqs(ben, thread, "around=6&limit=5")).toEqual([4, 5, 6, 7, 8]);
    expect(await seqs(ben, thread, `around=${id}&limit=5`)).toEqual([4, 5, 6, 7, 8]);
    expect(await seqs(ben, thread, `around=${id.toUpperCase()}&limit=1`)).toEqual([6]);
    expect(asPage(await read(ben, thread, "around=6&limit=5"))).toMatchObject({ first: 1, last: 12 });
  });

  it("fills the page from the other side at either end", async () => {
    const [first] = await talk(12);
    const thread = first?.thread ?? "";
    expect(await seqs(ben, thread, "around=1&limit=4")).toEqual([1, 2, 3, 4]);
    expect(await seqs(ben, thread, "around=12&limit=4")).toEqual([9, 10, 11, 12]);
    expect(await seqs(ben, thread, "around=7")).toHaveLength(12);
    expect(await seqs(ben, thread, "around=7&limit=1000")).toHaveLength(12);
  });

  it("finds what was retracted", async () => {
    const [first, second] = await talk(3);
    const { thread = "", id } = second ?? {};
    await ann.send({ type: "retract", retract: { thread: first?.thread, id } });
    const { messages } = asPage(await read(ben, thread, `around=${id}&limit=1`));
    expect(messages).toEqual([{ id, thread, seq: 2, timestamp: second?.timestamp, retracted: expect.any(String) }]);
  });

  it("answers 404 for a message that the thread does not have", async () => {
    const [first] = await talk(2);
    const elsewhere = await ann.say({ to: [somebody("cid")], text: "Hi" });
    for (const around of ["0", "3", "999999999999999", crypto.randomUUID(), elsewhere.id])
      expect(await read(ben, first?.thread ?? "", `around=${around}`)).toMatchObject(problem(404, "message_not_found"));
    const nobody = await outsider(server, somebody("dan"));
    expect(await read(nobody, first?.thread ?? "", "around=1")).toMatchObject(problem(404, "thread_not_found"));
  });

  it("answers 404 for a message from before the caller joined, where members read only what was sent since", async () => {
    const { id } = asThread(await ann.call("POST", "threads", { kind: "room", members: [], history: "joined" }));
    const before = await ann.say({ thread: id, text: "before" });
    await ann.call("PATCH", `threads/${id}`, { add: [ben.entity] });
    await ann.say({ thread: id, text: "after" });
    for (const around of ["1", before.id])
      expect(await read(ben, id, `around=${around}`)).toMatchObject(problem(404, "message_not_found"));
    expect(await seqs(ben, id, "around=2")).toEqual([2]);
    expect(await seqs(ann, id, `around=${before.id}`)).toEqual([1, 2]);
  });

  it("redacts the messages of somebody whom the caller blocks", async () => {
    await ben.send({ type: "block", block: { entity: ann.entity } });
    const [first] = await talk(2);
    const reply = await read(ben, first?.thread ?? "", "around=1&limit=1");
    expect(part(reply, "messages")).toEqual([{ id: first?.id, thread: first?.thread, seq: 1, blocked: true }]);
  });

  it("ends before 1 MiB, with those nearest to the message", async () => {
    const to = [ben.entity];
    const large = { to, text: "x".repeat(8_000), more: "y".repeat(7_500) };
    for (let i = 0; i < 90; i++) await ann.say(large);
    const { thread } = await ann.say(large);
    const reply = await read(ben, thread, "around=46&limit=100");
    expect(Number(reply.headers.get("content-length"))).toBeLessThanOrEqual(1024 * 1024);
    const found = asPage(reply).messages.map((it) => it.seq);
    expect(found.length).toBeGreaterThan(50);
    expect(found.length).toBeLessThan(91);
    const [first = 0, last = 0] = [found[0], found.at(-1)];
    expect(found).toEqual(Array.from({ length: last - first + 1 }, (_, i) => first + i));
    expect(Math.abs(46 - first - (last - 46))).toBeLessThanOrEqual(1);
  });

  it.each([
    "around=x",
    "around=",
    "around=-1",
    "around=1.5",
    "around=1&before=2",
    "around=1&after=2",
    "around=1&limit=0",
  ])("refuses what is malformed: %s", async (query) => {
    const [first] = await talk(1);
    expect(await read(ben, first?.thread ?? "", query)).toMatchObject(problem(400, "invalid"));
  });
});
