import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it, vi } from "vitest";
import { createChat } from "../lib/chat.js";
import { session } from "./support/site.js";

// A store that accepts requests, and answers none.
const store = createServer(() => undefined);
await new Promise<void>((resolve) => store.listen(0, "127.0.0.1", resolve));
const bound = store.address();
const redisUrl = `http://127.0.0.1:${typeof bound === "object" ? bound?.port : 0}`;
afterAll(() => {
  store.closeAllConnections();
  store.close();
  vi.restoreAllMocks();
});

/** Returns the events that are logged when the store fails under a request for a token, and whether the chat is closed then. */
async function loggedAfter(closes: boolean): Promise<string[]> {
  const lines: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((line) => lines.push(`${line}`) > 0);
  const chat = createChat({ redisUrl, redisToken: "none", log: "error" });
  const headers = { authorization: `Bearer ${await session("ann")}` };
  const asked = once(store, "request");
  const answer = chat.fetch(new Request("http://chat.test/nereid-chat/token", { method: "POST", headers }));
  await asked;
  if (closes) chat.close();
  const ended = setInterval(() => store.closeAllConnections(), 20);
  expect((await answer).status).toBe(503);
  clearInterval(ended);
  await sleep(50);
  chat.close();
  return lines.map((line) => JSON.parse(line).event);
}

it("logs nothing of what its end cuts short, but what fails before", async () => {
  expect(await loggedAfter(false)).toEqual(["store_unavailable", "request_failed"]);
  expect(await loggedAfter(true)).toEqual([]);
});
