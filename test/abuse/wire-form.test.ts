import { readFileSync } from "node:fs";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { toSession } from "../../lib/auth/session.js";
import { readJson } from "../../lib/http/body.js";
import { formatEvents } from "../../lib/http/event-stream.js";
import { live } from "../../lib/http/live-stream.js";
import { findLossyNumber } from "../../lib/http/number-literal.js";
import { parseHeaders } from "../../local/public-headers.js";
import { chat } from "../support/chat.js";
import { inProcess } from "../support/in-process.js";
import { Person } from "../support/person.js";

const site = inProcess();
afterAll(() => site.stop());
afterEach(() => void vi.useRealTimers());

describe("the id of an event", () => {
  const stanza = (n: number) => ({ n, body: `{"type":"message","message":{"seq":${n}}}` });
  const answer = (prev: number, ns: number[], cursor: number) => ({
    ...{ prev: { epoch: "e", n: prev }, cursor: { epoch: "e", n: cursor }, stanzas: ns.map(stanza) },
    ...{ more: false, waited: 0 },
  });
  const ids = (text: string) => [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id);

  test("is the same whatever else its answer holds, and wherever that ends", () => {
    expect(ids(formatEvents(answer(1, [3, 5], 9), 0))).toEqual(["e.3", "e.5", "e.9"]);
    expect(ids(formatEvents(answer(1, [3], 4), 0))).toEqual(["e.3", "e.4"]);
    expect(ids(formatEvents(answer(1, [3], 3), 0))).toEqual(["e.3"]);
    expect(ids(formatEvents(answer(3, [5], 5), 0))).toEqual(["e.5"]);
  });

  test("comes alone, without data, where it says how far was looked", () => {
    expect(formatEvents(answer(1, [3], 9), 0)).toMatch(/\n\nid: e\.9\n\n$/);
    expect(formatEvents(answer(1, [], 9), 0)).toBe("id: e.9\n\n");
  });
});

describe("a number that would not come back to the letter", () => {
  const post = (json: string) =>
    readJson(
      new Request("http://chat.test/", { method: "POST", body: json, headers: { "content-type": "application/json" } }),
    );

  test.each([
    ["12345678901234567890"],
    ["9007199254740993"],
    ["1e400"],
    ["-1e400"],
    ["-0"],
    ["-0.0"],
    ["1.0"],
    ["0.10"],
    ["1e2"],
    ["1E2"],
    ["1e21"],
    ["1e-400"],
    ["0.1000000000000000055"],
  ])("is refused, with its path: %s", async (number) => {
    const issue = (path: string) => ({ code: "invalid", status: 400, extra: { issues: [{ path }] } });
    await expect(post(`{"a":[{"x":1},{"b \\"\\\\": ${number} }]}`)).rejects.toMatchObject(issue('a.1.b "\\'));
    await expect(post(`{"n":[[0,{}],"1.0, {", ${number}]}`)).rejects.toMatchObject(issue("n.2"));
    await expect(post(number)).rejects.toMatchObject({ code: "invalid" });
  });

  test.each(["0", "-1", "1.5", "0.1", "1e+21", "1e-7", "1.7976931348623157e+308", "5e-324", "9007199254740991"])(
    "is told from %s, which is kept",
    async (number) => {
      expect(JSON.stringify(await post(`{"n":${number}}`))).toBe(`{"n":${number}}`);
    },
  );

  test("is told from a text that holds one", () => {
    expect(findLossyNumber('{"text":"1.0 \\"1e400\\" -0","1.0":"12345678901234567890","n":1}')).toBeUndefined();
  });

  test("is refused in every stanza, and nothing is sent", async () => {
    const ann = await site.token("ann of numbers");
    const init = { method: "POST", headers: { "content-type": "application/json" } };
    const body = '{"stanzas":[{"type":"message","message":{"to":["ben"],"text":"x","card":12345678901234567890}}]}';
    const response = await site.fetch(`send/${ann.token}`, { ...init, body });
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ issues: [{ path: "stanzas.0.message.card", message: expect.any(String) }] }),
    ]);
    expect(
      await site.call("GET", `threads/?limit=1`, { headers: { authorization: `Bearer ${ann.token}` } }),
    ).toMatchObject({
      json: { threads: [] },
    });
  });

  test("is dropped from the actor of a session, and what is exact stays", () => {
    const actor = {
      big: 2 ** 53,
      endless: Number.POSITIVE_INFINITY,
      nested: { zero: [-0] },
      exact: { n: [0, 1.5, -1] },
    };
    expect(toSession({ sub: "ann", exp: 1, actor }).actor).toEqual({
      id: "ann",
      objectType: "person",
      exact: { n: [0, 1.5, -1] },
    });
  });
});

describe("a page of another origin", () => {
  const find = parseHeaders(readFileSync(new URL("../../vercel.json", import.meta.url), "utf8"));

  test("can embed the scripts of the chat, and nothing else of it", () => {
    for (const name of ["client", "sender", "page", "live", "probe", "widget", "chat"])
      expect(find(`/nereid-chat/${name}.js`)).toMatchObject({ "Cross-Origin-Resource-Policy": "cross-origin" });
    for (const path of ["/nereid-chat/health", "/nereid-chat/stream", "/"])
      expect(find(path)).toMatchObject({ "Cross-Origin-Resource-Policy": "same-origin" });
  });

  test.each(["/", "/index.html", "/nereid-chat/health"])(
    "cannot frame %s, and nothing is loaded from elsewhere there",
    (path) => {
      const policy = find(path)["Content-Security-Policy"];
      expect(policy).toMatch(/^default-src 'none';/);
      expect(policy).toMatch(/frame-ancestors 'none'$/);
      expect(policy).not.toMatch(/unsafe|\*/);
    },
  );
});

test("the heartbeat of a stream that nobody reads ends with the stream, and throws nothing", async () => {
  const { caller, at } = await new Person(chat).begin();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  const options = { cursor: at, wait: 1, limit: 100, remember: false };
  const { body } = live(chat, caller, options, new AbortController().signal);
  for (let i = 0; i < 4; i++) vi.advanceTimersByTime(15_000);
  expect(vi.getTimerCount()).toBe(0);
  await expect(body?.getReader().read()).rejects.toThrow("it is not read");
});
