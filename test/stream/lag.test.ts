import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { messages, type Outsider, outsider, somebody } from "../support/outsider.js";
import { type Site, site } from "../support/site.js";

// The wire trails the clock by some time: what was acknowledged meanwhile is seen all the same (PROFILE §3, §4).

const LATE_MS = 250;

let server: Site;
let late: Site;
const between = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const store = inject("bridge");
  const { authorization = "" } = request.headers;
  const body = Buffer.concat(chunks);
  const wire = new AbortController();
  response.once("close", () => wire.abort());
  try {
    const answer = await fetch(`${store?.url}${request.url}`, {
      method: request.method ?? "POST",
      headers: { authorization, "content-type": "application/json" },
      ...(body.length > 0 ? { body } : {}),
      signal: wire.signal,
    });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    const slow = request.url?.startsWith("/subscribe/");
    for await (const chunk of answer.body ?? []) {
      if (slow) setTimeout(() => response.write(chunk), LATE_MS);
      else response.write(chunk);
    }
    response.end();
  } catch {
    response.destroy();
  }
});

beforeAll(async () => {
  const store = inject("bridge");
  if (store === undefined) throw new Error("Cannot test without a store");
  await once(between.listen(0, "127.0.0.1"), "listening");
  const address = between.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  [server, late] = await Promise.all([site(store), site({ url: `http://127.0.0.1:${port}`, token: store.token })]);
});
afterAll(async () => {
  await Promise.all([server.stop(), late.stop()]);
  between.close();
  between.closeAllConnections();
});

let ann: Outsider;
let ben: Outsider;
beforeEach(async () => {
  [ann, ben] = await Promise.all([outsider(late, somebody("ann")), outsider(late, somebody("ben"))]);
  // The instance listens, and knows its people.
  await ben.poll(`?wait=0&cursor=${ben.cursor}`);
  await ann.poll(`?wait=0&cursor=${ann.cursor}`);
  await sleep(2 * LATE_MS);
});

const texts = (stanzas: Parameters<typeof messages>[0]) => messages(stanzas).map((it) => it.text);

describe("with a wire that is late", () => {
  it("the first poll delivers a message that was sent after the token was made", async () => {
    await ann.say({ to: [ben.entity], text: "1" });
    expect(texts((await ben.poll("?wait=0")).stanzas)).toEqual(["1"]);
  });

  it("an answer at once has all that was acknowledged, also when it is not empty without", async () => {
    await ann.say({ to: [ben.entity], text: "1" });
    await sleep(LATE_MS * 0.7);
    await ann.say({ to: [ben.entity], text: "2" });
    await sleep(LATE_MS * 0.6);
    expect(texts((await ben.poll(`?wait=0&cursor=${ben.cursor}`)).stanzas)).toEqual(["1", "2"]);
  });

  it("a new token's first poll, with nobody known, delivers it, too", async () => {
    const dan = await outsider(late, somebody("dan"));
    await ann.say({ to: [dan.entity], text: "1" });
    expect(texts((await dan.poll("?wait=0")).stanzas)).toEqual(["1"]);
  });

  it("a held poll is answered with the whole of one write: the new thread and its first message", async () => {
    for (let i = 0; i < 20; i++) {
      const [eve, dan] = [await outsider(server, somebody("eve")), await outsider(server, somebody("dan"))];
      await dan.poll(`?wait=0&cursor=${dan.cursor}`);
      const held = dan.poll(`?wait=10&cursor=${dan.cursor}`);
      await sleep(30);
      await eve.say({ to: [dan.entity], text: "1" });
      expect(texts((await held).stanzas)).toEqual(["1"]);
    }
  });
});
