import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { type Chat, type ChatEvent, type ConnectOptions, connect } from "../../../lib/client/connect.js";
import { messages, type Outsider, outsider, somebody } from "../../support/outsider.js";
import { type Between, proxy } from "../../support/proxy.js";
import { type Site, session, site } from "../../support/site.js";

let server: Site;
let between: Between;
let ben: Outsider;
const chats: Chat[] = [];
beforeAll(async () => {
  server = await start();
  between = await proxy(place());
});
afterEach(async () => {
  for (const chat of chats.splice(0)) await chat.close();
});
afterAll(async () => {
  await between?.stop();
  await server?.stop();
});

const start = () => {
  const store = inject("bridge");
  if (store === undefined) throw new Error("Cannot test without a store");
  return site(store, { CHAT_TOKEN_TTL: "5" });
};
const place = () => ({ host: "127.0.0.1", port: Number(new URL(server.url).port) });

/** Connects somebody through the proxy; their session outlives their tokens. */
async function connected(options: ConnectOptions = {}) {
  const entity = somebody("ann");
  let asked = 0;
  const getToken = async () => {
    asked++;
    const headers = { authorization: `Bearer ${await session(entity)}` };
    const { json, status } = await server.call("POST", "token", { headers });
    if (status !== 200) throw new Error(`status ${status}`);
    return Object(json);
  };
  const chat = connect({ url: between.url, getToken, ...options });
  chats.push(chat);
  const events: ChatEvent[] = [];
  for (const type of ["state", "message", "history", "resync"] as const) chat.on(type, (event) => events.push(event));
  const heard = () =>
    events.flatMap((it) => (it.type === "message" && !it.pending && !it.refused ? [it.message.text] : []));
  await expect.poll(() => chat.state, { timeout: 10_000 }).toBe("online");
  return { entity, chat, events, heard, asked: () => asked };
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => `no ${i + 1}`);
const never = { breaks: 0, holes: 0, repeats: 0, resyncs: 0 };
/** Ben, with a token that holds for as long as each test. */
const meetBen = async () => {
  ben = await outsider(server, somebody("ben"));
};

describe("connect()", () => {
  it("continues from token to token, and loses nothing in between", async () => {
    const { entity, chat, heard, asked } = await connected();
    const texts = numbers(14);
    for (const text of texts) {
      await meetBen();
      await ben.say({ to: [entity], text });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await expect.poll(heard, { timeout: 10_000 }).toEqual(texts);
    expect(asked()).toBeGreaterThan(1);
    expect(chat.continuity).toMatchObject(never);
    expect(chat.me?.id).toBe(entity);
  });

  it("delivers once what is sent again because the response was lost", async () => {
    const { chat, heard } = await connected();
    await meetBen();
    between.lose(2, /^POST [^ ]*send/);
    const sent = await Promise.all(numbers(5).map((text) => chat.send({ to: [ben.entity], text })));
    expect(sent.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(messages(await ben.news()).map(({ text }) => text)).toEqual(numbers(5));
    await expect.poll(heard).toEqual(numbers(5));
  });

  it("reads the history where the stream cannot be continued, as far back as it is kept", async () => {
    const { entity, chat, events, heard } = await connected();
    await meetBen();
    await ben.say({ to: [entity], text: "first" });
    await expect.poll(heard).toEqual(["first"]);
    between.refuse(true);
    between.cut();
    for (let i = 0; i < 40; i++) {
      const stanzas = numbers(20).map((text) => ({ type: "message", message: { to: [entity], text: `${i} ${text}` } }));
      if (i % 10 === 0) ben = { ...ben, ...(await outsider(server, ben.entity)) };
      expect((await ben.send({ stanzas })).status).toBe(200);
    }
    // One that did not see it happen, and has no more than what the logs still hold.
    await server.stop();
    server = await start();
    between.aim(place());
    between.refuse(false);
    await expect.poll(() => events.some(({ type }) => type === "history"), { timeout: 40_000 }).toBe(true);
    expect(events.filter(({ type }) => type === "resync")).toHaveLength(1);
    const history = events.flatMap((it) => (it.type === "history" ? it.messages : []));
    expect(history.map(({ seq }) => seq)).toEqual(Array.from({ length: 801 }, (_, i) => i + 1));
    await (await outsider(server, ben.entity)).say({ to: [entity], text: "last" });
    await expect.poll(() => heard().at(-1), { timeout: 10_000 }).toBe("last");
    expect(chat.continuity).toMatchObject({ ...never, resyncs: 1 });
  }, 90_000);

  it("reports what is refused for good, and why", async () => {
    const { chat, events } = await connected();
    await expect(chat.send({ thread: "nowhere", text: "hi" })).rejects.toMatchObject({ code: "thread_not_found" });
    expect(events.flatMap((it) => (it.type === "message" ? [it.pending ?? it.refused?.code] : []))).toEqual([
      ...[true, "thread_not_found"],
    ]);
    await expect(chat.thread("nowhere")).rejects.toMatchObject({ name: "ChatError", status: 404 });
  });

  it("retries when no token is available, and is offline meanwhile", async () => {
    const { token, cursor, entity } = await outsider(server, somebody("ann"));
    let attempts = 0;
    const chat = connect({
      url: server.url,
      getToken: async () => {
        if (++attempts < 3) throw new Error("nobody is there");
        return { token, cursor, actor: { id: entity } };
      },
    });
    chats.push(chat);
    const states: string[] = [];
    chat.on("state", ({ state }) => states.push(state));
    await expect.poll(() => chat.state, { timeout: 10_000 }).toBe("online");
    expect(states).toEqual(["offline", "online"]);
  });

  it("ends with its signal: pending calls reject, and an iteration ends", async () => {
    const over = new AbortController();
    const { chat } = await connected({ signal: over.signal });
    const types: string[] = [];
    const iterated = (async () => {
      for await (const { type } of chat) types.push(type);
    })();
    between.refuse(true);
    between.cut();
    const sent = chat.send({ to: ["ben"], text: "late" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    over.abort();
    between.refuse(false);
    await expect(sent).rejects.toMatchObject({ code: "closed" });
    await iterated;
    expect(types).toContain("message");
    expect(chat.state).toBe("closed");
    await expect(chat.threads()).rejects.toMatchObject({ code: "closed" });
  });
});
