import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import type { BeforeSend, ChatOptions } from "../../lib/config.js";
import { deriveSecret } from "../../lib/config-hooks.js";
import { inProcess } from "../support/in-process.js";
import { messages, outsider, part, somebody } from "../support/outsider.js";
import { SECRET } from "../support/site.js";
import { hostServer } from "./endpoint.js";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function asked(beforeSend?: BeforeSend, options: ChatOptions = {}) {
  const chat = inProcess({ jwtSecret: SECRET, ...(beforeSend === undefined ? {} : { beforeSend }), ...options });
  ends.push(() => chat.stop());
  const [ann, ben] = await Promise.all([outsider(chat, somebody("ann")), outsider(chat, somebody("ben"))]);
  const say = (text: string, more = {}) => ann.send({ type: "message", message: { to: [ben.entity], text, ...more } });
  return { chat, ann, ben, say };
}

describe("beforeSend", () => {
  test("is given the message, its sender and its thread, and may let it pass, change it, or refuse it", async () => {
    const drafts: unknown[] = [];
    const { ann, ben, say } = await asked((draft) => {
      drafts.push(draft);
      const { text } = draft.message;
      if (text === "bad") return { refuse: "Mind your language" };
      return text === "damn" ? { ...draft.message, text: "d***" } : undefined;
    });
    const id = randomUUID();
    expect((await say("fine", { id })).status).toBe(200);
    expect((await say("damn")).status).toBe(200);
    const refused = await say("bad");
    expect(refused).toMatchObject({ status: 422, json: { code: "refused", detail: "Mind your language" } });
    expect(messages(await ben.news()).map(({ text }) => text)).toEqual(["fine", "d***"]);
    expect(drafts[0]).toMatchObject({
      message: { id, text: "fine", type: "plain", to: [ben.entity] },
      sender: { id: ann.entity },
      thread: undefined,
      edit: false,
    });
  });

  test("cannot send a message elsewhere, in another's name, or twice", async () => {
    const { ann, ben, say } = await asked(({ message }) => ({
      ...message,
      id: randomUUID(),
      thread: "elsewhere",
      sender: { id: "eve" },
      seq: 99,
    }));
    const id = randomUUID();
    const [first, second] = [await say("Hi", { id }), await say("Hi", { id })];
    expect(part(second, "results")).toEqual([{ ...Object(part(first, "results"))[0], duplicate: true }]);
    expect(messages(await ben.news())).toMatchObject([{ id, seq: 1, sender: { id: ann.entity } }]);
  });

  test("is asked again about a message that is sent again, which gets its first result whatever the answer", async () => {
    let strict = false;
    let answer: Awaited<ReturnType<BeforeSend>> = { refuse: "No" };
    const { ann, say } = await asked(() => (strict ? answer : undefined));
    const opened = await say("Open");
    const { thread } = Object(part(opened, "results"))[0];
    const message = { type: "message", message: { thread, id: randomUUID(), text: "Hi" } };
    const first = await ann.send(message);
    strict = true;
    expect(part(await ann.send(message), "results")).toEqual([
      { ...Object(part(first, "results"))[0], duplicate: true },
    ]);
    expect((await ann.send({ type: "message", message: { thread, text: "Hi" } })).status).toBe(422);
    strict = false;
    const id = randomUUID();
    const direct = await say("To you", { id });
    strict = true;
    for (answer of [{ refuse: "No" }, { text: "" }, { text: "a".repeat(10_000) }])
      expect(part(await say("To you", { id }), "results")).toEqual([
        { ...Object(part(direct, "results"))[0], duplicate: true },
      ]);
  });

  test("refuses for a reason of at most 500 characters, whole ones, or for none", async () => {
    const { say } = await asked(({ message: { text } }) => ({ refuse: text === "long" ? `a${"😀".repeat(600)}` : "" }));
    expect((await say("long")).json).toMatchObject({ code: "refused", detail: `a${"😀".repeat(499)}` });
    expect((await say("none")).json).toMatchObject({ code: "refused", detail: expect.stringMatching(/./) });
  });

  test("is asked about edits, too", async () => {
    const { ann, ben, say } = await asked(({ message, edit }) =>
      edit && message.text === "bad" ? { refuse: "No" } : undefined,
    );
    const id = randomUUID();
    const { thread } = Object(part(await say("Hi", { id }), "results"))[0];
    expect((await ann.send({ type: "edit", edit: { thread, id, text: "bad" } })).status).toBe(422);
    expect((await ann.send({ type: "edit", edit: { thread, id, text: "good" } })).status).toBe(200);
    expect(messages(await ben.news()).at(-1)?.text).toBe("good");
  });

  test.each(["open", "closed"] as const)(
    "that fails, hangs or returns no message leaves the chat %s",
    async (beforeFails) => {
      const { say } = await asked(
        ({ message }) => {
          if (message.text === "throws") throw new Error("broken");
          if (message.text === "returns no message") return { ...message, attachments: "none" };
          if (message.text === "returns itself") return Object.assign(message, { message });
          if (message.text === "returns a bigint") return { ...message, size: 1n };
          if (message.text === "returns depth") return { ...message, deep: [[[[[[[[[1]]]]]]]]] };
          return message.text === "hangs" ? new Promise(() => {}) : undefined;
        },
        { beforeFails },
      );
      const began = performance.now();
      const answers = ["no message", "itself", "a bigint", "depth"].map((it) => `returns ${it}`);
      for (const text of ["throws", "hangs", ...answers]) {
        const reply = await say(text);
        expect(reply.status, text).toBe(beforeFails === "open" ? 200 : 503);
        expect(reply.text).not.toContain("broken");
      }
      expect(performance.now() - began).toBeLessThan(3_000);
      expect((await say("fine")).status).toBe(200);
    },
  );
});

describe("the URL that is asked", () => {
  test.each([
    [{ message: { text: 5 } }],
    [{ message: { type: "markdown" } }],
    [{ message: [] }],
    [{ message: "Hi" }],
    [{ refuse: 5 }],
    [{ refused: "No" }],
    [{ message: { text: "Hi", deep: [[[[[[[[[1]]]]]]]]] } }],
    [{ message: { text: "Hi", nick: "\ud800" } }],
    [[]],
  ])("gives no answer by %j", async (body) => {
    const host = await hostServer(deriveSecret(SECRET), () => ({ status: 200, body }));
    ends.push(() => host.close());
    const { say } = await asked(undefined, { beforeUrl: host.url, webhookPrivate: true, beforeFails: "closed" });
    expect(await say("Hi")).toMatchObject({ status: 503, json: { code: "unavailable" } });
  });

  test("gives no answer by more than can be read", async () => {
    const body = { message: { text: "Hi", padding: "x".repeat(200_000) } };
    const host = await hostServer(deriveSecret(SECRET), () => ({ status: 200, body }));
    ends.push(() => host.close());
    const { say } = await asked(undefined, { beforeUrl: host.url, webhookPrivate: true, beforeFails: "closed" });
    expect(await say("Hi")).toMatchObject({ status: 503, json: { code: "unavailable" } });
  });

  test("is asked about many messages at once, though it takes its time", async () => {
    const host = await hostServer(deriveSecret(SECRET), async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return { status: 200, body: { refuse: "No" } };
    });
    ends.push(() => host.close());
    const { say } = await asked(undefined, { beforeUrl: host.url, webhookPrivate: true, rateSend: 100 });
    const replies = await Promise.all(Array.from({ length: 100 }, (_, i) => say(`${i}`)));
    expect(replies.filter(({ status }) => status !== 422)).toEqual([]);
  });

  test("may leave out by null, and cannot make a message that says nothing or is too large", async () => {
    const host = await hostServer(deriveSecret(SECRET), ({ data }) => {
      const text = Reflect.get(Object(data.message), "text");
      if (text === "bare") return { status: 200, body: { message: { text, subject: null } } };
      return { status: 200, body: { message: { text: text === "empty" ? "" : "x".repeat(8_193) } } };
    });
    ends.push(() => host.close());
    const { say } = await asked(undefined, { beforeUrl: host.url, webhookPrivate: true });
    expect((await say("bare")).status).toBe(200);
    expect(await say("empty")).toMatchObject({ status: 400, json: { code: "invalid" } });
    expect(await say("large")).toMatchObject({ status: 413, json: { code: "too_large" } });
  });

  test("receives a signed request, and its answer counts like that of beforeSend", async () => {
    const host = await hostServer(deriveSecret(SECRET), ({ data }) => {
      const text = Reflect.get(Object(data.message), "text");
      if (text === "bad") return { status: 200, body: { refuse: "No" } };
      if (text === "damn") return { status: 200, body: { message: { text: "d***" } } };
      return text === "fails" ? { status: 500 } : { status: 204 };
    });
    ends.push(() => host.close());
    const { ben, say } = await asked(undefined, { beforeUrl: host.url, webhookPrivate: true, beforeFails: "closed" });
    expect((await say("fine")).status).toBe(200);
    expect((await say("damn")).status).toBe(200);
    expect(await say("bad")).toMatchObject({ status: 422, json: { code: "refused", detail: "No" } });
    expect((await say("fails")).status).toBe(503);
    expect(messages(await ben.news()).map(({ text }) => text)).toEqual(["fine", "d***"]);
    expect(host.attempts.map(({ type }) => type)).toEqual(Array.from({ length: 4 }, () => "message.before"));
  });
});
