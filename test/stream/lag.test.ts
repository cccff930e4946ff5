import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { type InProcess, inProcess } from "../support/in-process.js";
import { messages, type Outsider, outsider, somebody } from "../support/outsider.js";

// The wire trails the clock: what was acknowledged meanwhile is delivered nevertheless (PROFILE §3, §4).

const LATE_MS = 250;

const server = inProcess();
let late: InProcess;
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
  await once(between.listen(0, "127.0.0.1"), "listening");
  const address = between.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  late = inProcess({ redisUrl: `http://127.0.0.1:${port}` });
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
  // The instance is subscribed, and has cached its users.
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

  it("an answer without a wait has all that was acknowledged, even if it were not empty without it", async () => {
    await ann.say({ to: [ben.entity], text: "1" });
    await sleep(LATE_MS * 0.7);
    await ann.say({ to: [ben.entity], text: "2" });
    await sleep(LATE_MS * 0.6);
    expect(texts((await ben.poll(`?wait=0&cursor=${ben.cursor}`)).stanzas)).toEqual(["1", "2"]);
  });

  it("the first poll of a new token, of a user who is not cached, delivers it", async () => {
    const dan = await outsider(late, somebody("dan"));
    await ann.say({ to: [dan.entity], text: "1" });
    expect(texts((await dan.poll("?wait=0")).stanzas)).toEqual(["1"]);
  });

  it("a held poll is answered with all events of one write: the new thread and its first message", async () => {
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
