import { afterAll, expect, test } from "vitest";
import { inProcess } from "../support/in-process.js";
import { outsider, somebody } from "../support/outsider.js";

const server = inProcess();
afterAll(() => server.stop());

test("an event stream ends at once when its token is revoked between two of its answers", async () => {
  const [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
  // The tail is trusted from the first poll on.
  await ben.news();
  const path = `stream/${ben.token}?live=1&wait=20&cursor=${encodeURIComponent(ben.cursor)}`;
  const { body } = await server.fetch(path, { headers: { accept: "text/event-stream" } });
  // The next answer is made only when this reader asks for it.
  const reader = body?.getReader();
  let text = "";
  const readOn = async () => {
    const { done, value } = (await reader?.read()) ?? { done: true };
    text += new TextDecoder().decode(value);
    return done;
  };
  await ann.send({ type: "message", message: { to: [ben.entity], text: "Hi" } });
  while (!text.includes("Hi")) await readOn();
  await server.call("DELETE", `token/${ben.token}`);
  const began = performance.now();
  while (!(await readOn()));
  expect(text).toContain(": end");
  expect(performance.now() - began).toBeLessThan(5_000);
});
