import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { SignJWT } from "jose";
import * as v from "valibot";
import { saidBy, start } from "./program.js";
import { Sample } from "./sample.js";

/** A server process under measurement, on a real Redis behind the local bridge, each in a process of its own. */
export type Site = {
  /** Gets `/nereid-chat/<path>`, or posts a body as JSON to it, and parses the answer. Rejects unless the status is 2xx. */
  call<const Schema extends v.GenericSchema>(
    answer: Schema,
    path: string,
    options?: { body?: unknown; token?: string },
  ): Promise<v.InferOutput<Schema>>;
  /** Creates a chat token for a user of the host application: guests put nobody into a room. */
  user(name: string): Promise<Member>;
  url: string;
  /** Asks the probe, if the server was started with it, what the process holds. */
  sample(): Promise<Sample>;
  /** The memory of the server now, and at its highest, in MiB. */
  memory(): Promise<{ rss: number; peak: number }>;
  stop(): Promise<void>;
};

const Member = v.object({ token: v.string(), cursor: v.string(), actor: v.object({ id: v.string() }) });
export type Member = v.InferOutput<typeof Member>;

export const Answer = v.object({ cursor: v.string(), stanzas: v.array(v.looseObject({ type: v.string() })) });

const TOKEN = "the token of the benchmarks";

/** The secret that sessions are signed with. */
export const SECRET = "a secret of the benchmarks, of 32 bytes or more";

/** Signs a session of the host application. */
export function sign(name: string): Promise<string> {
  const claims = new SignJWT({ sub: name, name }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h");
  return claims.sign(new TextEncoder().encode(SECRET));
}

/** Arguments of Node that put the probe into a server. */
export const PROBE = ["--expose-gc", "--import", fileURLToPath(new URL("probe.js", import.meta.url))];

/**
 * Starts everything; nothing of it outlives this process. `env` adds to the server's
 * environment, `flags` to Node's own arguments.
 */
export async function site(env: Record<string, string> = {}, flags: string[] = []): Promise<Site> {
  const store = await startStore();
  const settings = {
    PORT: "0",
    UPSTASH_REDIS_REST_URL: store.url,
    UPSTASH_REDIS_REST_TOKEN: store.token,
    CHAT_JWT_SECRET: SECRET,
    CHAT_GUESTS: "1",
    CHAT_RATE_SEND: "1000000",
    CHAT_RATE_TOKEN: "1000000",
    CHAT_RATE_GUEST: "1000000",
    CHAT_RATE_STREAM: "1000000",
    CHAT_RATE_REACH: "1000000",
    ...env,
  };
  const server = start("local/start.js", settings, flags);
  const origin = await saidBy(server, /^Serving on (http:\S+),/);
  const base = origin.replace("localhost", "127.0.0.1");
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const call: Site["call"] = async (answer, path, { body, token } = {}) =>
    v.parse(answer, JSON.parse(await ask(agent, `${base}/nereid-chat/${path}`, body, token)));
  return {
    ...{ call, url: base },
    user: async (name) => call(Member, "token", { body: {}, token: await sign(name) }),
    sample: () => takeSample(server),
    async memory() {
      const status = await readFile(`/proc/${server.pid}/status`, "utf8");
      const mib = (name: string) =>
        Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1_024);
      return { rss: mib("VmRSS"), peak: mib("VmHWM") };
    },
    async stop() {
      agent.destroy();
      server.kill("SIGTERM");
      await once(server, "exit");
      await store.stop();
    },
  };
}

/** Starts a real Redis, and the local bridge in front of it. */
export async function startStore(): Promise<{ url: string; token: string; stop(): Promise<void> }> {
  const bridge = start("local/upstash/rest-api.js", { CHAT_LOCAL_REDIS: "auto", UPSTASH_REDIS_REST_TOKEN: TOKEN });
  return {
    url: await saidBy(bridge, /^(http:\S+)$/),
    token: TOKEN,
    async stop() {
      bridge.kill("SIGTERM");
      await once(bridge, "exit");
    },
  };
}

/** Asks the probe in a server what the process holds. Rejects after ten seconds. */
export async function takeSample(server: ChildProcess): Promise<Sample> {
  const answered = once(server, "message", { signal: AbortSignal.timeout(10_000) });
  server.send("sample");
  return v.parse(Sample, (await answered)[0]);
}

/** Writes what was measured on. */
export function describeMachine(): string {
  const [cpu] = cpus();
  return `${cpus().length} cores (${cpu?.model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}

/** The value below which `share` of the values are. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The leanest client there is: what it costs is measured, too. */
async function ask(agent: Agent, url: string, body: unknown, token: string | undefined): Promise<string> {
  return await new Promise((resolve, reject) => {
    const text = body === undefined ? "" : JSON.stringify(body);
    const asking = request(url, { agent, method: body === undefined ? "GET" : "POST" }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        const answer = Buffer.concat(chunks).toString();
        const { statusCode = 0 } = response;
        if (statusCode >= 200 && statusCode < 300) resolve(answer);
        else reject(new Error(`Cannot go on: ${statusCode} ${answer}`));
      });
    });
    asking.once("error", reject);
    if (token !== undefined) asking.setHeader("authorization", `Bearer ${token}`);
    if (text !== "") asking.setHeader("content-type", "application/json");
    asking.end(text);
  });
}
