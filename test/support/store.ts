import type { TestProject } from "vitest/node";
import { findRedis } from "../../local/redis.js";
import { bridge } from "../../local/upstash/rest-api.js";

declare module "vitest" {
  interface ProvidedContext {
    store: string;
    bridge: { url: string; token: string; redis: string } | undefined;
  }
}

/** Starts the Redis of a project, and the REST bridge in front of it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const kind = project.config.provide.store;
  const redis = await findRedis(kind === "redis-server" ? "auto" : "embedded");
  const token = "the token of the tests";
  const rest = await bridge({ redis: redis.url, token });
  project.provide("bridge", { url: rest.url, token, redis: redis.url });
  return async () => {
    await rest.stop();
    await redis.stop();
  };
}
