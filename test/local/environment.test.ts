import { expect, test } from "vitest";
import { prepare } from "../../local/environment.js";

const configured = { UPSTASH_REDIS_REST_URL: "https://eu1-example.upstash.io", UPSTASH_REDIS_REST_TOKEN: "secret" };

test("without settings it has a store of its own, guests, and a secret that nobody knows", async () => {
  const given = { CHAT_LOCAL_REDIS: "embedded" };
  const { environment, store } = await prepare(given);
  try {
    expect(environment).toMatchObject({
      CHAT_STORE: "local",
      CHAT_GUESTS: "1",
      CHAT_JWT_SECRET: expect.stringMatching(/^.{32,}$/),
      UPSTASH_REDIS_REST_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      UPSTASH_REDIS_REST_TOKEN: expect.stringMatching(/^.{32,}$/),
    });
    expect(store.name).toBe("the embedded Redis, emptied when this ends");
    expect(store.local?.url).toBe(environment.UPSTASH_REDIS_REST_URL);
    expect(given).toEqual({ CHAT_LOCAL_REDIS: "embedded" });
  } finally {
    await store.stop();
  }
});

test("the secret is another one each time", async () => {
  const secrets = await Promise.all([1, 2].map(async () => (await prepare(configured)).environment.CHAT_JWT_SECRET));
  expect(new Set(secrets).size).toBe(2);
});

test("what is configured is kept", async () => {
  const settings = { CHAT_JWT_SECRET: "s".repeat(40), CHAT_GUESTS: "0", CHAT_PREFIX: "shop:" };
  const { environment } = await prepare({ ...configured, ...settings });
  expect(environment).toMatchObject(settings);
});

test.each([
  ["UPSTASH_REDIS_REST", configured],
  ["KV_REST_API", { KV_REST_API_URL: "https://eu1-example.upstash.io", KV_REST_API_TOKEN: "secret" }],
])("with a REST API configured by %s it starts no store, and names no secret", async (_, settings) => {
  const { environment, store } = await prepare(settings);
  expect(store).toMatchObject({ name: "the REST API at eu1-example.upstash.io" });
  expect(store.local).toBeUndefined();
  expect(environment).not.toHaveProperty("CHAT_STORE");
});

test("half a configuration is none", async () => {
  const { environment, store } = await prepare({ KV_REST_API_URL: "https://a.example", CHAT_LOCAL_REDIS: "embedded" });
  expect(environment.UPSTASH_REDIS_REST_URL).toMatch(/^http:\/\/127\.0\.0\.1:/);
  await store.stop();
});
