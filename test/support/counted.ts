import { inject } from "vitest";
import type { ChatOptions } from "../../lib/config.js";
import { gate } from "./gate.js";
import { type InProcess, inProcess } from "./in-process.js";

/** A chat whose commands are counted on the way to the store: those of others, who use the same store, are not. */
export type Counted = {
  server: InProcess;
  commands(run: () => Promise<unknown>): Promise<number>;
  stop(): Promise<void>;
};

export async function counted(options: ChatOptions = {}): Promise<Counted> {
  const way = await gate(inject("bridge")?.url ?? "http://127.0.0.1:1");
  const server = inProcess({ ...options, redisUrl: way.url });
  return {
    server,
    async commands(run) {
      way.passed.length = 0;
      await run();
      return way.passed.reduce((sum, { body }) => sum + countIn(JSON.parse(body)), 0);
    },
    async stop() {
      await server.stop();
      way.stop();
    },
  };
}

/** Counts the commands of a request: one or a list. A script counts as one and, for what it calls, one more for each of its keys. */
function countIn(request: unknown): number {
  if (!Array.isArray(request)) return 0;
  if (Array.isArray(request[0])) return request.reduce<number>((sum, it) => sum + countIn(it), 0);
  return /^eval/i.test(String(request[0])) ? 1 + Number(request[2]) : 1;
}
