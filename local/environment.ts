import { randomBytes } from "node:crypto";
import type { RestStore } from "./proof/bill.js";
import { findRedis } from "./redis.js";
import { bridge } from "./upstash/rest-api.js";

/** What the functions will store in: a line for people, the end of it, and how to reach it if it is of this machine. */
export type Store = { name: string; local?: RestStore; stop(): Promise<void> };

/**
 * Completes an environment for the local server: a store, unless one is configured, and what only a deployment has to
 * choose. Must be done before a function is imported.
 */
export async function prepare(environment: NodeJS.ProcessEnv): Promise<Store> {
  environment.CHAT_GUESTS ??= "1";
  environment.CHAT_JWT_SECRET ??= randomBytes(32).toString("base64url");
  const url = environment.UPSTASH_REDIS_REST_URL ?? environment.KV_REST_API_URL;
  const token = environment.UPSTASH_REDIS_REST_TOKEN ?? environment.KV_REST_API_TOKEN;
  if (url !== undefined && token !== undefined) return { name: `the REST API at ${hostOf(url)}`, stop: async () => {} };
  return await startStore(environment);
}

async function startStore(environment: NodeJS.ProcessEnv): Promise<Store> {
  const redis = await findRedis(environment.CHAT_LOCAL_REDIS);
  const token = randomBytes(24).toString("base64url");
  const served = await bridge({ redis: redis.url, token });
  Object.assign(environment, {
    UPSTASH_REDIS_REST_URL: served.url,
    UPSTASH_REDIS_REST_TOKEN: token,
    CHAT_STORE: "local",
  });
  return {
    name: NAMES[redis.kind],
    local: { url: served.url, token },
    async stop() {
      await served.stop();
      await redis.stop();
    },
  };
}

const NAMES = {
  "redis-server": "a redis-server of its own, emptied when this ends",
  embedded: "the embedded Redis, emptied when this ends",
  given: "the Redis of CHAT_LOCAL_REDIS",
} as const;

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "UPSTASH_REDIS_REST_URL";
}
