import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRedis } from "./redis.js";

/** A Redis of this machine, served over REST. */
export type LocalStore = {
  /** What it is, for people to read. */
  name: string;
  url: string;
  token: string;
  /** Where files are kept beside it; made by the first one, and removed when this stops. */
  files: string;
  stop(): Promise<void>;
};

/**
 * Starts a store that needs no account: `redis-server` if it is on PATH, else the embedded Redis; `wanted` chooses as CHAT_LOCAL_REDIS does.
 *
 * @example const { url, token, stop } = await startStore();
 */
export async function startStore(wanted?: string): Promise<LocalStore> {
  // Only a store of its own is reached by a Redis client, which takes longer to load than all else.
  const { bridge } = await import("./upstash/rest-api.js");
  const redis = await findRedis(wanted);
  const token = randomBytes(24).toString("base64url");
  const served = await bridge({ redis: redis.url, token });
  const files = join(tmpdir(), `chat-files-${randomBytes(9).toString("hex")}`);
  return {
    name: NAMES[redis.kind],
    url: served.url,
    token,
    files,
    async stop() {
      await rm(files, { recursive: true, force: true });
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
