import { once } from "node:events";
import { createServer, get, type ServerResponse } from "node:http";
import { afterEach, expect, test } from "vitest";
import { Departure } from "../../local/disconnect.js";

const server = createServer();
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** Asks, and returns the answer that is to be written, with the one who asks. */
async function asked() {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const answer = new Promise<ServerResponse>((resolve) => server.once("request", (_, it) => resolve(it)));
  const client = get({ port, host: "127.0.0.1", agent: false }).on("error", () => undefined);
  return { client, answer: await answer };
}

test("a departure is told when a client goes, to those who still listen", async () => {
  const { client, answer } = await asked();
  const departure = new Departure(answer);
  const heard: string[] = [];
  const forget = () => heard.push("forgotten");
  departure.addEventListener("abort", forget);
  departure.addEventListener("abort", () => heard.push("gone"));
  departure.removeEventListener("abort", forget);
  expect(departure.aborted).toBe(false);
  client.destroy();
  await once(answer, "close");
  expect([departure.aborted, heard]).toEqual([true, ["gone"]]);
});

test("whoever has been answered has not departed", async () => {
  const { client, answer } = await asked();
  const departure = new Departure(answer);
  const closed = once(answer, "close");
  answer.end("All");
  await Promise.all([closed, once(client, "response").then(([it]) => it.resume())]);
  expect(departure.aborted).toBe(false);
});
