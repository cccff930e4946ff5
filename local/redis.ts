import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** A Redis on this machine: started here (`stop` ends it), or given (`stop` leaves it running). */
export type LocalRedis = { url: string; kind: "redis-server" | "embedded" | "given"; stop(): Promise<void> };

/**
 * Finds or starts a Redis. `auto` or nothing: a redis-server on PATH, else the embedded one; `embedded`; or the URL of
 * one on this machine. Throws for any other host. `REDIS_URL` is never read, since it may be the production database.
 */
export async function findRedis(setting: string | undefined): Promise<LocalRedis> {
  if (setting === undefined || setting === "" || setting === "auto") {
    return onPath("redis-server") ? await startServer() : await startEmbedded();
  }
  if (setting === "embedded") return await startEmbedded();
  return { url: loopback(setting), kind: "given", stop: async () => {} };
}

/** Checks that a Redis URL is on this machine. Throws otherwise, without the URL in the message: it may contain a password. */
export function loopback(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== "redis:") {
    throw new Error("Cannot use the local Redis: expected auto, embedded or redis://127.0.0.1:<port>");
  }
  if (!["127.0.0.1", "localhost", "[::1]"].includes(parsed.hostname)) {
    throw new Error(`Cannot use the Redis at ${parsed.hostname}: only 127.0.0.1, localhost and [::1] are local`);
  }
  return url;
}

/** Returns whether a program is on PATH. */
export function onPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function startEmbedded(): Promise<LocalRedis> {
  const { createRedisMock } = await import("js-redis-server");
  const embedded = await createRedisMock();
  return { url: embedded.url, kind: "embedded", stop: () => embedded.close() };
}

async function startServer(): Promise<LocalRedis> {
  // Another process may take the free port before Redis does: hence three attempts.
  for (let left = 2; ; left--) {
    const port = await freePort();
    const child = await spawnServer(port);
    const started = await untilReady(child);
    if (started === "ready") {
      return { url: `redis://127.0.0.1:${port}`, kind: "redis-server", stop: () => stopServer(child) };
    }
    await stopServer(child);
    if (left === 0) throw new Error(`Cannot start redis-server: ${started}`);
  }
}

// Stops Redis when this process ends, even by SIGKILL, which runs no handler: the shell's stdin closes then.
const WATCH = `dir=$1; shift; redis-server "$@" & server=$!; cat >/dev/null; kill $server; wait $server; rm -rf "$dir"`;

async function spawnServer(port: number): Promise<ChildProcess> {
  const dir = await mkdtemp(join(tmpdir(), "chat-redis-"));
  const settings = { port: `${port}`, bind: "127.0.0.1", dir, appendonly: "yes", save: "", databases: "1" };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  // Detached, so that Ctrl-C does not reach Redis, which must run until the last held poll has its response.
  return spawn("sh", ["-c", WATCH, "sh", dir, ...args], { stdio: ["pipe", "pipe", "inherit"], detached: true });
}

async function untilReady(child: ChildProcess): Promise<string> {
  return await new Promise((resolve) => {
    let log = "";
    const timer = setTimeout(() => resolve(`no answer within 5 s: ${log.slice(-500)}`), 5_000);
    child.stdout?.on("data", (chunk) => {
      log = `${log}${chunk}`.slice(-2_000);
      if (/Ready to accept connections/.test(log)) resolve("ready");
      if (/Could not create server|Failed listening|FATAL/i.test(log)) resolve(log.slice(-500));
    });
    child.once("error", (error) => resolve(error.message));
    child.once("exit", () => resolve(log.slice(-500)));
    child.once("exit", () => clearTimeout(timer));
  });
}

async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => {
    child.once("exit", resolve);
    child.once("error", resolve);
    child.stdin?.end();
  });
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        address !== null && typeof address === "object"
          ? resolve(address.port)
          : reject(new Error("Cannot find a port")),
      );
    });
  });
}
