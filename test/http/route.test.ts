import { describe, expect, it, test } from "vitest";
import { Fault } from "../../lib/fault.js";
import type { Endpoint } from "../../lib/http/endpoint.js";
import { refuse } from "../../lib/http/problem.js";
import { createRouter } from "../../lib/http/route.js";
import { createLogger } from "../../lib/logger.js";
import { composeChat } from "../support/chat.js";

const lines: string[] = [];
const chat = {
  ...composeChat({ origins: ["https://shop.example"] }),
  logger: createLogger("error", (line) => lines.push(line)),
};

/** An endpoint that answers with its name and what it was given. */
function named(name: string): Endpoint {
  return { run: async (_chat, _request, params) => Response.json({ name, params }), refuse: (fault) => refuse(fault) };
}

function failing(error: unknown): Endpoint {
  return { run: () => Promise.reject(error), refuse: (fault) => refuse(fault) };
}

const route = createRouter(chat, {
  "GET /health": named("health"),
  "POST /threads": named("make"),
  "GET /threads": named("list"),
  "GET /threads/joined": named("joined"),
  "GET /threads/:id": named("thread"),
  "GET /threads/:id/messages": named("messages"),
  "GET /broken/:token": failing(new TypeError("a secret text")),
  "GET /refused/:token": failing(new Fault("forbidden")),
});

const BASE = "https://chat.example/nereid-chat";
const ask = (path: string, method = "GET", headers = {}) => route(new Request(BASE + path, { method, headers }));
const asked = async (path: string, method = "GET") => (await ask(path, method)).json();
const isUnknown = async (path: string) => expect(await asked(path)).toMatchObject({ status: 404, code: "not_found" });

describe("a path", () => {
  it("without names fits itself only, with or without a slash at its end, and any query", async () => {
    for (const path of ["/health", "/health/", "/health?a=b", "/health/?a=/x"])
      expect(await asked(path)).toEqual({ name: "health", params: {} });
    for (const path of ["/healthX", "/Health", "/health//", "//health", "/x/health", "/", ""]) await isUnknown(path);
  });

  it("fits one segment by a name, which is decoded", async () => {
    expect(await asked("/threads/a%2Fb")).toEqual({ name: "thread", params: { id: "a/b" } });
    expect(await asked("/threads/%F0%9F%91%8D/messages")).toEqual({ name: "messages", params: { id: "👍" } });
    for (const path of ["/threads//messages", "/threads/a/b", "/threads/a/messages/b", "/%zz"]) await isUnknown(path);
  });

  it("leaves a segment that is not percent-encoded UTF-8 to the endpoint, as an id that cannot exist", async () => {
    for (const id of ["%zz", "%", "%ff", "a%2"])
      expect(await asked(`/threads/${id}`)).toEqual({ name: "thread", params: { id } });
  });

  it("is the first that fits", async () => {
    expect(await asked("/threads/joined")).toMatchObject({ name: "joined" });
    expect(await asked("/threads/joined/messages")).toMatchObject({ name: "messages" });
  });

  it("begins with the base path of the chat", async () => {
    for (const path of ["/health", "/other/health", "/nereid-chatter/health", "/nereid-chat%2Fhealth"]) {
      const response = await route(new Request(`https://chat.example${path}`));
      expect(response.status).toBe(404);
    }
    const moved = { ...chat, config: { ...chat.config, basePath: "/shop/talk" } };
    const response = await createRouter(moved, { "GET /health": named("health") })(
      new Request("https://chat.example/shop/talk/health"),
    );
    expect(response.status).toBe(200);
  });
});

describe("a method", () => {
  it("leads to an endpoint of its own", async () => {
    expect(await asked("/threads", "POST")).toMatchObject({ name: "make" });
    expect(await asked("/threads")).toMatchObject({ name: "list" });
  });

  it("that a path does not have is refused with those that it has", async () => {
    for (const method of ["PUT", "DELETE", "PATCH", "HEAD"]) {
      const response = await ask("/threads", method);
      expect([response.status, response.headers.get("allow")]).toEqual([405, "POST, GET, OPTIONS"]);
    }
    expect((await ask("/threads/some", "POST")).headers.get("allow")).toBe("GET, OPTIONS");
  });

  it("OPTIONS is a preflight, and of an unknown path nothing", async () => {
    const response = await ask("/threads", "OPTIONS", { origin: "https://shop.example" });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-methods")).toBe("POST, GET");
    expect(response.headers.get("allow")).toBe("POST, GET, OPTIONS");
    expect((await ask("/nothing", "OPTIONS")).status).toBe(404);
  });
});

test("a listed origin is told of failures, too", async () => {
  for (const path of ["/health", "/nothing", "/broken/x", "/refused/x"]) {
    const response = await ask(path, "GET", { origin: "https://shop.example" });
    expect(response.headers.get("access-control-allow-origin")).toBe("https://shop.example");
  }
});

describe("a failure", () => {
  it("of the server is logged by the pattern of its path, without the token and the text", async () => {
    lines.length = 0;
    const response = await ask("/broken/0b9f6a52-3c1d-4e8f-9a7b-112233445566");
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ code: "internal" });
    const logged = lines.map((line): unknown => JSON.parse(line));
    expect(logged).toContainEqual(
      expect.objectContaining({
        ...{ level: "error", event: "request_failed", method: "GET", route: "/broken/:token" },
        ...{ status: 500, problem: "internal", error: "TypeError", ms: expect.any(Number) },
      }),
    );
    expect(lines.join("")).not.toMatch(/0b9f6a52|secret/);
  });

  it("of the client is not logged", async () => {
    lines.length = 0;
    expect((await ask("/refused/x")).status).toBe(403);
    expect(lines).toEqual([]);
  });
});
