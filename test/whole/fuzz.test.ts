import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Dice } from "../fuzz/dice.js";
import { hosting } from "../fuzz/hosting.js";
import { type Liar, liar } from "../fuzz/liar.js";
import { STORE_SECRET } from "../fuzz/lie.js";
import { nonsense, sense } from "../fuzz/nonsense.js";
import { acquaint, volley } from "../fuzz/volley.js";
import { outsider, somebody } from "../support/outsider.js";
import { type Site, site } from "../support/site.js";

// Random and mutated URLs, headers, sessions, cursors and bodies, and a store that lies: whatever comes, no response says that the
// server failed, none takes long, and users chat as before afterwards. FUZZ_SEED repeats a run; `npm run fuzz` is a long one.

const REQUESTS = 5_000;
const LIED_TO = 1_000;
const HOSTED = 2_000;
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

const store = inject("bridge") ?? { url: "http://127.0.0.1:1", token: "" };

async function talk(server: Site): Promise<void> {
  const [cid, dan] = [await outsider(server, somebody("cid")), await outsider(server, somebody("dan"))];
  await cid.say({ to: [dan.entity], text: "Still there?" });
  expect(await dan.news()).toMatchObject([{ type: "thread" }, { message: { text: "Still there?" } }]);
  // What came before may have used up the rate limit of this address.
  await expect.poll(async () => (await server.call("GET", "health")).status, { timeout: 15_000 }).toBe(200);
}

describe("the server", () => {
  let server: Site;
  beforeAll(async () => {
    server = await site(store, { CHAT_LOG: "silent" });
  });
  afterAll(() => server.stop());

  it(`survives ${REQUESTS} requests that make no sense (FUZZ_SEED=${SEED})`, async () => {
    const dice = new Dice(SEED, await acquaint(server));
    const { seen } = await volley(server.url, dice, REQUESTS, {
      attempt: nonsense,
      statuses: (it) => it < 500,
      patienceMs: 2_000,
    });
    // Requests that are all refused at once would prove little.
    for (const status of [200, 201, 204, 400, 401, 403, 404, 405, 409, 415])
      expect(`${status}: ${(seen.get(status) ?? 0) > 0}`).toBe(`${status}: true`);
    await talk(server);
  }, 120_000);
});

describe("the URLs of the host's server", () => {
  let server: Site;
  beforeAll(async () => {
    server = await site(store, { CHAT_LOG: "silent" });
  });
  afterAll(() => server.stop());

  it(`survive ${HOSTED} requests that make no sense (FUZZ_SEED=${SEED})`, async () => {
    const dice = new Dice(SEED, await acquaint(server));
    const terms = { attempt: hosting, statuses: (it: number) => it < 500, patienceMs: 2_000 };
    const { seen } = await volley(server.url, dice, HOSTED, terms);
    for (const status of [200, 201, 204, 400, 404, 405])
      expect(`${status}: ${(seen.get(status) ?? 0) > 0}`).toBe(`${status}: true`);
    await talk(server);
  }, 120_000);
});

describe("the server, when its store lies,", () => {
  let between: Liar;
  let server: Site;
  beforeAll(async () => {
    between = await liar(store.url);
    server = await site({ url: between.url, token: store.token }, { CHAT_LOG: "silent" });
  });
  afterAll(async () => {
    await server.stop();
    between.stop();
  });

  it(`answers or says that it cannot, keeps what the store says of itself, and goes on (FUZZ_SEED=${SEED})`, async () => {
    const dice = new Dice(SEED, await acquaint(server));
    between.lie(dice, 3);
    const statuses = (it: number) => it < 500 || it === 503;
    const attempt = (dice: Dice) => (dice.once(4) ? nonsense(dice) : sense(dice));
    const terms = { attempt, statuses, patienceMs: 4_000, secret: STORE_SECRET };
    const { seen } = await volley(server.url, dice, LIED_TO, terms);
    between.lie(dice, 0);
    expect(between.told()).toBeGreaterThan(LIED_TO / 10);
    expect([seen.has(200), seen.has(503)]).toEqual([true, true]);
    await expect.poll(() => talk(server), { timeout: 10_000 }).toBeUndefined();
  }, 120_000);
});
