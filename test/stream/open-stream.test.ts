import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Poll } from "../../lib/log/held-polls.js";
import { type Sink, serveOpen } from "../../lib/stream/open-stream.js";
import { chat, meet, never, people, room, type Someone, say, tail } from "../support/people.js";

await meet();

/** A sink that keeps what is written, in texts, and whose reader can fall behind. */
class Kept implements Sink {
  readonly writes: string[][] = [];
  isRead = true;
  resume: (() => void) | undefined;

  isReady(resume: () => void): boolean {
    if (!this.isRead) this.resume = resume;
    return this.isRead;
  }

  write({ stanzas }: Parameters<Sink["write"]>[0]): void {
    const texts = stanzas.flatMap(({ body }) => /"text":"(\w+)"/.exec(body)?.[1] ?? []);
    // Presence comes in between.
    if (texts.length > 0) this.writes.push(texts);
  }
}

let polls: Poll[] = [];
beforeEach(() => {
  polls = [];
});
afterEach(() => {
  polls.map(tail.release);
  vi.restoreAllMocks();
});

/** Holds a poll for an open stream from a user's cursor. */
function open(who: Someone, limit = 100) {
  const poll = tail.hold(who.id, undefined, false);
  polls.push(poll);
  poll.at = who.at;
  const sink = new Kept();
  return { poll, sink, serve: serveOpen(chat, poll, { limit }, sink) };
}

/** Sends, and waits until the tail has it. */
async function told(who: Someone, thread: string, text: string): Promise<void> {
  const { to = 0 } = tail.memory ?? {};
  await say(who, thread, text);
  await vi.waitUntil(() => (tail.memory?.to ?? 0) > to);
}

describe("serveOpen()", () => {
  it("writes what memory has, and moves on", async () => {
    const { ann, ben } = people();
    const thread = await room(ann, [ben]);
    await ben.hear();
    const { poll, sink, serve } = open(ben);
    const before = poll.at?.n ?? 0;
    await told(ann, thread, "one");
    expect(serve(false)).toBe(true);
    expect(serve(false)).toBe(true);
    expect(sink.writes).toEqual([["one"]]);
    expect(poll.at?.n).toBeGreaterThan(before);
  });

  it("is asked at each ring, without waking the poll", async () => {
    const { ann, ben } = people();
    const thread = await room(ann, [ben]);
    await ben.hear();
    const { poll, sink, serve } = open(ben);
    poll.serve = serve;
    const woken = vi.fn();
    void poll.rung(60_000, never).then(woken);
    for (const text of ["one", "two"]) await told(ann, thread, text);
    await vi.waitUntil(() => sink.writes.flat().length === 2);
    expect(woken).not.toHaveBeenCalled();
    poll.end("closing");
    await vi.waitUntil(() => woken.mock.calls.length === 1);
  });

  it("bounded: writes nothing while the reader is behind, and all there is once it has caught up", async () => {
    const { ann, ben } = people();
    const thread = await room(ann, [ben]);
    await ben.hear();
    const { poll, sink, serve } = open(ben);
    poll.serve = serve;
    void poll.rung(60_000, never);
    sink.isRead = false;
    for (const text of ["one", "two"]) await told(ann, thread, text);
    expect(sink.writes).toEqual([]);
    sink.isRead = true;
    sink.resume?.();
    expect(sink.writes).toEqual([["one", "two"]]);
  });

  it("lets what a user does in quick succession wait for one write, and what others do not", async () => {
    const { ann, ben } = people();
    const thread = await room(ann, [ben]);
    await ann.hear();
    vi.spyOn(Date, "now").mockReturnValue(Date.now());
    const { sink, serve } = open(ann);
    await told(ann, thread, "one");
    serve(true);
    for (const text of ["two", "three"]) {
      await told(ann, thread, text);
      expect(serve(true)).toBe(true);
    }
    expect(sink.writes).toEqual([["one"]]);
    await told(ben, thread, "four");
    serve(false);
    expect(sink.writes).toEqual([["one"], ["two", "three", "four"]]);
  });

  it("wakes the poll for what memory does not have, what is over the limit, and a token that is not cached", async () => {
    const { ann, ben } = people();
    const thread = await room(ann, [ben]);
    await ben.hear();
    const short = open(ben, 1);
    for (const text of ["one", "two"]) await told(ann, thread, text);
    expect([short.serve(false), short.sink.writes]).toEqual([false, [["one"]]]);
    const old = open(ben);
    old.poll.at = { epoch: "another", n: 1 };
    expect([old.serve(false), old.sink.writes]).toEqual([false, []]);
    const revoked = tail.hold(ben.id, "the SHA-256 of no token", false);
    polls.push(revoked);
    revoked.at = ben.at;
    const sink = new Kept();
    expect([serveOpen(chat, revoked, { limit: 100 }, sink)(false), sink.writes]).toEqual([false, []]);
  });
});
