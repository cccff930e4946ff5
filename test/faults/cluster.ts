import { join } from "node:path";
import { type Between, proxy } from "../support/proxy.js";
import { SECRET } from "../support/site.js";
import { type Program, start } from "./program.js";
import { Store } from "./store.js";
import { LIVE_SECONDS } from "./tab.js";

const TOKEN = "the token of the faults";

/** One server process, with a way to it and a way from it to the bridge. */
export type Node = {
  name: string;
  /** Between the clients and the server. */
  near: Between;
  /** Between the server and the bridge. */
  far: Between;
  freeze(on: boolean): void;
  kill(): Promise<void>;
  /** Starts it again, built from this folder. */
  start(folder: string): Promise<void>;
  /** What it said when it ended though nobody ended it. */
  crash(): string | undefined;
};

/** Several server processes on one Redis behind one bridge, and every way between them. */
export type Cluster = {
  store: Store;
  nodes: Node[];
  /** Kills the bridge and starts another, whose plain reads lag behind if wanted. */
  restartBridge(lagMs?: number): Promise<void>;
  stop(): Promise<void>;
};

/** Starts a cluster of servers that are built from `build`, its files in `folder`; `env` adds to the environment of the servers. */
export async function cluster(
  folder: string,
  servers: number,
  build: string,
  env: Record<string, string> = {},
): Promise<Cluster> {
  const store = await Store.open(folder);
  let bridge = await startBridge(build, store.url);
  const nodes: Node[] = [];
  for (let i = 0; i < servers; i++) nodes.push(await node(`server ${i + 1}`, portOf(bridge), build, env));
  return {
    store,
    nodes,
    async restartBridge(lagMs) {
      await bridge.kill();
      bridge = await startBridge(build, store.url, lagMs);
      for (const { far } of nodes) far.aim({ host: "127.0.0.1", port: portOf(bridge) });
    },
    async stop() {
      for (const it of nodes) {
        await it.kill();
        await Promise.all([it.near.stop(), it.far.stop()]);
      }
      await bridge.kill();
      await store.kill();
    },
  };
}

function startBridge(build: string, redis: string, lagMs?: number): Promise<Program> {
  const env = { CHAT_LOCAL_REDIS: redis, UPSTASH_REDIS_REST_TOKEN: TOKEN };
  const lag = lagMs === undefined ? {} : { CHAT_LOCAL_LAG_MS: `${lagMs}` };
  return start(process.execPath, [join(build, "dist/local/upstash/rest-api.js")], { ...env, ...lag }, /^(http:\S+)$/);
}

async function node(name: string, bridge: number, build: string, more: Record<string, string>): Promise<Node> {
  const far = await proxy({ host: "127.0.0.1", port: bridge });
  let program = await startServer(build, far.url, more);
  const near = await proxy({ host: "127.0.0.1", port: portOf(program) });
  return {
    name,
    near,
    far,
    freeze: (on) => program.freeze(on),
    kill: () => program.kill(),
    async start(folder) {
      program = await startServer(folder, far.url, more);
      near.aim({ host: "127.0.0.1", port: portOf(program) });
    },
    crash: () => (program.crashed() ? program.last() : undefined),
  };
}

function startServer(build: string, store: string, more: Record<string, string>): Promise<Program> {
  const env = {
    PORT: "0",
    UPSTASH_REDIS_REST_URL: store,
    UPSTASH_REDIS_REST_TOKEN: TOKEN,
    CHAT_JWT_SECRET: SECRET,
    CHAT_RATE_SEND: "1000000",
    CHAT_RATE_TOKEN: "1000000",
    CHAT_RATE_STREAM: "1000000",
    CHAT_RATE_REACH: "1000000",
    CHAT_LIVE_SECONDS: `${LIVE_SECONDS}`,
    ...more,
  };
  return start(process.execPath, [join(build, "dist/local/start.js")], env, /Serving on (http:\S+?),/);
}

function portOf(program: Program): number {
  return Number(new URL(program.ready).port);
}
