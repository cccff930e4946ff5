import { afterEach, expect, test } from "vitest";
import { inProcess } from "../support/in-process.js";

const API = Symbol.for("opentelemetry.js.api.1");
afterEach(() => Reflect.deleteProperty(globalThis, API));

/** Registers a tracer, and returns what it is told. */
function traced() {
  const told: unknown[] = [];
  const startSpan = (name: string, options: object) => {
    told.push([name, options]);
    return {
      setAttribute: (key: string, value: unknown) => told.push([key, value]),
      setStatus: (status: object) => told.push(status),
      end: () => told.push("end"),
    };
  };
  Reflect.set(globalThis, API, {
    version: "1.9.0",
    trace: {
      getTracer(name: string) {
        told.push(name);
        return { startSpan };
      },
    },
  });
  return told;
}

test("each request is a span, named by the pattern of its path", async () => {
  const chat = inProcess();
  const told = traced();
  const token = crypto.randomUUID();
  await chat.call("GET", `stream/${token}?wait=0`);
  const attributes = { "http.request.method": "GET", "http.route": "/stream/:token" };
  expect(told).toEqual([
    "nereid-chat",
    ["GET /stream/:token", { kind: 1, attributes }],
    ["http.response.status_code", 404],
    "end",
  ]);
  await chat.stop();
});

test("a request that fails is a span that says so", async () => {
  const chat = inProcess({ redisUrl: "http://127.0.0.1:1" });
  const told = traced();
  await chat.call("GET", "health");
  expect(told.slice(-3)).toEqual([["http.response.status_code", 503], { code: 2 }, "end"]);
  await chat.stop();
});

test.each([undefined, {}, { trace: {} }, { trace: undefined }, 1])(
  "nothing is traced where %j is registered",
  async (api) => {
    Reflect.set(globalThis, API, api);
    const chat = inProcess();
    expect((await chat.call("GET", "health")).status).toBe(200);
    await chat.stop();
  },
);
