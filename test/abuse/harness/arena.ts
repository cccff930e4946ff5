import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { countCommands, type RestStore } from "../../../local/proof/bill.js";
import { findRedis } from "../../../local/redis.js";
import { start } from "../../faults/program.js";
import { SECRET } from "../../support/site.js";

const TOKEN = "the token of the abuse";

/** A server with every ration at its default, on a real Redis behind the bridge, each in a process of its own. */
export type Arena = { url: string; usage(): Promise<Usage>; crash(): string | undefined; stop(): Promise<void> };

/** What the store has been asked so far, in commands as they are billed, and what it holds, in bytes. */
export type Usage = { commands: number; bytes: number; at: number };

/** Starts everything; nothing of it outlives this process. */
export async function arena(): Promise<Arena> {
  const redis = await findRedis("auto");
  const bridge = await start(
    process.execPath,
    ["dist/local/upstash/rest-api.js"],
    { CHAT_LOCAL_REDIS: redis.url, UPSTASH_REDIS_REST_TOKEN: TOKEN },
    /^(http:\S+)$/,
  );
  const store = { url: bridge.ready, token: TOKEN };
  const folder = await mkdtemp(join(tmpdir(), "abuse-"));
  const environment = {
    ...{ PORT: "0", CHAT_GUESTS: "1", CHAT_JWT_SECRET: SECRET, CHAT_LOG: "silent" },
    ...{ UPSTASH_REDIS_REST_URL: store.url, UPSTASH_REDIS_REST_TOKEN: TOKEN, CHAT_FILES_FOLDER: folder },
  };
  const server = await start(process.execPath, ["dist/local/start.js"], environment, /Serving on (http:\S+?),/);
  return {
    url: server.ready.replace("localhost", "127.0.0.1"),
    async usage() {
      const [commands, bytes] = await Promise.all([countCommands(store), memoryOf(store)]);
      return { commands, bytes, at: Date.now() };
    },
    crash: () => (server.crashed() ? server.last() : undefined),
    async stop() {
      await server.kill();
      await bridge.kill();
      await redis.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** The bytes that Redis holds. */
async function memoryOf({ url, token }: RestStore): Promise<number> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(["INFO", "memory"]),
  });
  const { result } = v.parse(v.object({ result: v.string() }), await response.json());
  return Number(/^used_memory:(\d+)/m.exec(result)?.[1]);
}
