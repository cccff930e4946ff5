import { afterEach, describe, expect, it, vi } from "vitest";
import { createRequester } from "../../../lib/client/http/request.js";

const never = new AbortController().signal;
const problem = (more = {}) => ({ type: "urn:nereid-chat:problem:forbidden", code: "forbidden", status: 403, ...more });

/** Makes a request that is answered with this, and returns what it comes to. */
async function ask(body: unknown, init: ResponseInit = {}, redirected = false, method = "POST"): Promise<unknown> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = new Response(init.status === 204 ? null : text, init);
  Object.defineProperty(response, "redirected", { value: redirected });
  const request = createRequester("https://chat.example/nereid-chat/", async () => response);
  return request("send", { method, has: "results", signal: never }).catch((error) => error);
}

describe("a request", () => {
  it("fails for good only by a problem document of the deployment", async () => {
    expect(await ask(problem(), { status: 403 })).toMatchObject({ code: "forbidden", status: 403, passing: false });
    const { type: _, ...bare } = problem();
    expect(await ask(bare, { status: 403 })).toMatchObject({ code: "forbidden", passing: false });
  });

  it.each([
    ["a page of a proxy", "<html>522</html>", { status: 522 }],
    ["a page of a firewall", "<html>no</html>", { status: 403 }],
    ["JSON without a code", { message: "Forbidden" }, { status: 403 }],
    ["a code that is a number", { code: 1020, status: 403 }, { status: 403 }],
    ["a problem of a gateway", problem({ type: "about:blank" }), { status: 403 }],
    ["a problem under another status", problem(), { status: 404 }],
    ["a captive portal", "<html>Log in</html>", { status: 200 }],
    ["other JSON", { ok: true }, { status: 200 }],
    ["no object", "null", { status: 200 }],
    ["text", '"results"', { status: 200 }],
    ["half of an answer", '{"results":[{"ty', { status: 200 }],
    ["nothing", "", { status: 200 }],
    ["no content, where the deployment has some", "", { status: 204 }],
  ])("can be retried when the response is %s", async (_, body, init) => {
    expect(await ask(body, init)).toMatchObject({ name: "ChatError", code: "unreachable", passing: true });
  });

  it("is done when the response to a change has no content", async () => {
    expect(await ask("", { status: 204 }, false, "PATCH")).toBeUndefined();
  });

  it("can be retried after a redirect", async () => {
    const answer = await ask({ ...problem({ code: "method_not_allowed", status: 405 }) }, { status: 405 }, true);
    expect(answer).toMatchObject({ code: "unreachable", passing: true });
  });

  it.each([
    ["7", 7],
    ["0", 0],
    ["3600", 60],
    ["-5", 0],
    ["soon", undefined],
    ["Wed, 21 Oct 2015 07:28:00 GMT", 0],
    ["Wed, 21 Oct 2099 07:28:00 GMT", 60],
  ])("reads Retry-After: %s", async (header, retryAfter) => {
    expect(await ask("", { status: 503, headers: { "Retry-After": header } })).toHaveProperty("retryAfter", retryAfter);
  });

  it("reads a Retry-After that is a date in the near future", async () => {
    const header = new Date(Date.now() + 20_000).toUTCString();
    const { retryAfter } = Object(await ask("", { status: 503, headers: { "Retry-After": header } }));
    expect(retryAfter).toBeGreaterThan(15);
    expect(retryAfter).toBeLessThanOrEqual(20);
  });
});

describe("a change", () => {
  async function made(method: string, body?: object): Promise<{ type: string | null; body: unknown }> {
    const inits: (RequestInit | undefined)[] = [];
    const answer: typeof fetch = async (_, init) => {
      inits.push(init);
      return Response.json({ results: [] });
    };
    await createRequester("https://chat.example/nereid-chat/", answer)("token", {
      ...{ method, has: "results", signal: never },
      ...(body === undefined ? {} : { body }),
    });
    return { type: new Headers(inits[0]?.headers).get("content-type"), body: inits[0]?.body };
  }
  afterEach(() => vi.unstubAllGlobals());

  it.each(["https://chat.example", undefined])(
    "has a type, as no form of another site has, from %s",
    async (origin) => {
      vi.stubGlobal("location", origin === undefined ? undefined : { origin });
      expect(await made("POST")).toEqual({ type: "application/json", body: "{}" });
      expect(await made("DELETE")).toEqual({ type: "application/json", body: undefined });
      expect(await made("GET")).toEqual({ type: null, body: undefined });
    },
  );

  it("has none without a body from another origin, where the browser would ask first", async () => {
    vi.stubGlobal("location", { origin: "https://shop.example" });
    expect(await made("POST")).toEqual({ type: null, body: undefined });
    expect(await made("POST", { displayName: "Ann" })).toEqual({
      type: "application/json",
      body: '{"displayName":"Ann"}',
    });
  });
});
