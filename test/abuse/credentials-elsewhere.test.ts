import { afterAll, expect, test, vi } from "vitest";
import { inProcess } from "../support/in-process.js";
import { session } from "../support/site.js";

const [here, there] = [inProcess(), inProcess()];
afterAll(() => Promise.all([here.stop(), there.stop()]));

const TOKENS = 4;

test("of several tokens that are revoked at once, another instance forgets each", async () => {
  const tokens = await Promise.all(Array.from({ length: TOKENS }, () => here.token("ann of many tokens")));
  const statuses = (query: string) =>
    Promise.all(tokens.map(async ({ token }) => (await there.call("GET", `stream/${token}?${query}`)).status));
  const bystander = await there.token("ben with one token");
  // The other instance knows them, and answers from memory.
  await there.call("GET", `stream/${bystander.token}?wait=1&cursor=${bystander.cursor}`);
  expect(await statuses("wait=0")).toEqual(tokens.map(() => 200));
  const held = statuses(`wait=20&cursor=${bystander.cursor}`);

  const revoked = await here.call("DELETE", "token", {
    headers: { authorization: `Bearer ${await session("ann of many tokens")}` },
  });
  expect(revoked.status).toBe(204);
  await vi.waitFor(async () => expect(await statuses("wait=0")).toEqual(tokens.map(() => 404)), { timeout: 5_000 });
  expect(await held).toEqual(tokens.map(() => 200));
  expect((await there.call("GET", `stream/${bystander.token}?wait=0`)).status).toBe(200);
});
