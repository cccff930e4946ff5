import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { stream } from "../../lib/http/stream-response.js";
import { chat, meet, people, room, type Someone, say, way } from "../support/people.js";

await meet();

let client: AbortController;
beforeEach(() => {
  client = new AbortController();
});
afterEach(() => {
  client.abort();
  vi.restoreAllMocks();
});

/** Opens a live stream from a user's cursor; each call of the result reads it once, and passes over its proof. */
async function open(who: Someone) {
  const request = new Request("http://localhost/", {
    headers: { accept: "text/event-stream", ...(who.at ? { "last-event-id": `${who.at.epoch}.${who.at.n}` } : {}) },
    signal: client.signal,
  });
  const { body } = await stream(chat, who.caller, { limit: 100, wait: 20, live: "1" }, request);
  const reader = body?.getReader();
  return async () => {
    for (;;) {
      const text = new TextDecoder().decode((await reader?.read())?.value);
      if (text !== ": live\n\n") return text;
    }
  };
}

const texts = (frames: string) => [...frames.matchAll(/"text":"(\w+)"/g)].map(([, text]) => text);

describe("a live stream", () => {
  it("bounded: writes nothing more while its reader is behind, and then at once all there is", async () => {
    const { ann, ben } = people();
    const thread = await room(ann, [ben]);
    await ben.hear();
    const read = await open(ben);
    expect(await read()).toBe("retry: 100\n\n");

    const said = Array.from({ length: 30 }, (_, i) => `t${i}`);
    for (const text of said) await say(ann, thread, text);
    // A poll that does not wait makes sure that the tail has everything.
    await ann.hear();
    expect(texts(await read())).toEqual(said);

    const next = read();
    await say(ann, thread, "now");
    expect(texts(await next)).toEqual(["now"]);
  });
  it("bounded: of the streams that a user leaves unread, only the last eight stay open", async () => {
    const { ann, ben } = people();
    const thread = await room(ann, [ben]);
    await ben.hear();
    const read = await open(ben);
    await read();
    const heard = read();
    const unread = [];
    for (let i = 0; i < 12; i++) unread.push(await open(ben));
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2_000 });
    unread.push(await open(ben));
    vi.useRealTimers();
    const ends = await Promise.all(
      unread.map((it) =>
        it().then(
          () => "open",
          ({ message }) => message,
        ),
      ),
    );
    expect(ends.filter((it) => it === "open")).toHaveLength(7);
    expect(ends.slice(0, 6)).toEqual(Array(6).fill("Cannot go on with a stream: it is not read"));
    await say(ann, thread, "still");
    expect(texts(await heard)).toEqual(["still"]);
  });

  it("ends with a problem when the store fails, which is logged", async () => {
    const { ben } = people();
    const error = vi.spyOn(chat.logger, "error");
    // What happened before the tail began is read from the store, in two attempts.
    for (let attempt = 0; attempt < 2; attempt++) way.hold(chat.keys.threads(ben.id)).lose();
    ben.at = { epoch: ben.at?.epoch ?? "", n: 1 };
    const read = await open(ben);
    expect(await read()).toBe("retry: 100\n\n");
    expect(await read()).toMatch(/^event: problem\ndata: .*"code":"unavailable"/);
    expect([await read(), await read()]).toEqual([": end\n\n", ""]);
    expect(error.mock.calls.filter(([event]) => event === "stream_failed")).toEqual([
      ["stream_failed", expect.objectContaining({ problem: "unavailable", error: "StoreFailure" })],
    ]);
  });

  it("leaves nothing behind of readers who have gone", async () => {
    const { ann, ben } = people();
    const thread = await room(ann, [ben]);
    await ben.hear();
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const gone: WeakRef<Response>[] = [];
    const come = async () => {
      const reader = new AbortController();
      const request = new Request("http://localhost/", {
        headers: { accept: "text/event-stream" },
        signal: reader.signal,
      });
      const response = await stream(chat, { ...ben.caller }, { limit: 100, wait: 20, live: "1" }, request);
      const body = response.body?.getReader();
      await body?.read();
      await say(ann, thread, "to all who are here");
      reader.abort();
      await body?.cancel();
      gone.push(new WeakRef(response));
    };
    for (let i = 0; i < 20; i++) await come();
    const left = async () => {
      await sleep(50);
      collect();
      return gone.filter((it) => it.deref() !== undefined).length;
    };
    // The last ones may still be on the stack.
    await expect.poll(left, { timeout: 5_000 }).toBeLessThanOrEqual(2);
  });
});
