import { randomBytes } from "node:crypto";
import type { RestStore } from "./proof/bill.js";
import { findRedis } from "./redis.js";

/** The store of the chat: a description to print, how to reach it if it runs on this machine, and how to stop it. */
export type Store = { name: string; local?: RestStore; stop(): Promise<void> };

/** Returns a copy of an environment, completed for the local server: starts a store unless one is configured, and fills in what a deployment must set. */
export async function prepare(given: NodeJS.ProcessEnv): Promise<{ environment: NodeJS.ProcessEnv; store: Store }> {
  const environment = {
    CHAT_GUESTS: "1",
    CHAT_JWT_SECRET: randomBytes(32).toString("base64url"),
    ...given,
  };
  const url = given.UPSTASH_REDIS_REST_URL ?? given.KV_REST_API_URL;
  const token = given.UPSTASH_REDIS_REST_TOKEN ?? given.KV_REST_API_TOKEN;
  if (url !== undefined && token !== undefined)
    return { environment, store: { name: `the REST API at ${hostOf(url)}`, stop: async () => {} } };
  const { local, ...store } = await startStore(given.CHAT_LOCAL_REDIS);
  return {
    environment: {
      ...environment,
      UPSTASH_REDIS_REST_URL: local.url,
      UPSTASH_REDIS_REST_TOKEN: local.token,
      CHAT_STORE: "local",
    },
    store: { ...store, local },
  };
}

async function startStore(wanted: string | undefined): Promise<Required<Store>> {
  // Only a store of its own is reached by a Redis client, which takes longer to load than all else.
  const { bridge } = await import("./upstash/rest-api.js");
  const redis = await findRedis(wanted);
  const token = randomBytes(24).toString("base64url");
  const served = await bridge({ redis: redis.url, token });
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
