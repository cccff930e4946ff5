import { createClient } from "redis";
import { findRedis } from "../../local/redis.js";
import { end, idOf, saidBy, start } from "./program.js";

/** A `redis-server` of its own, and the REST bridge in front of it: each a process that nobody else uses. */
export type Backend = {
  /** What a server is told to find it. */
  environment: { UPSTASH_REDIS_REST_URL: string; UPSTASH_REDIS_REST_TOKEN: string };
  /** A connection past the bridge. */
  redis: ReturnType<typeof createClient>;
  pids: { bridge: number; redis: number };
  stop(): Promise<void>;
};

const TOKEN = "the token of the benchmarks";

/** Starts a backend. Throws where there is no `redis-server`: the embedded one says nothing about speed. */
export async function backend(): Promise<Backend> {
  const server = await findRedis("auto");
  if (server.kind !== "redis-server") throw new Error("Cannot measure: there is no redis-server on PATH");
  const bridge = start("local/upstash/rest-api.js", { CHAT_LOCAL_REDIS: server.url, UPSTASH_REDIS_REST_TOKEN: TOKEN });
  const url = await saidBy(bridge, /^(http:\S+)$/);
  const redis: Backend["redis"] = createClient({ url: server.url });
  await redis.connect();
  const info = await redis.sendCommand<string>(["INFO", "server"]);
  const pid = Number(/^process_id:(\d+)/m.exec(info)?.[1]);
  return {
    environment: { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: TOKEN },
    redis,
    pids: { bridge: idOf(bridge), redis: pid },
    async stop() {
      redis.destroy();
      await end(bridge);
      await server.stop();
    },
  };
}
