import { randomBytes } from "node:crypto";
import { startStore } from "./embedded-store.js";
import type { RestStore } from "./proof/bill.js";

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
  const { name, stop, files, ...local } = await startStore(given.CHAT_LOCAL_REDIS);
  return {
    environment: {
      CHAT_FILES_FOLDER: files,
      ...environment,
      UPSTASH_REDIS_REST_URL: local.url,
      UPSTASH_REDIS_REST_TOKEN: local.token,
      CHAT_STORE: "local",
    },
    store: { name, local, stop },
  };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "UPSTASH_REDIS_REST_URL";
}
