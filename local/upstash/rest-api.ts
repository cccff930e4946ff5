import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { findRedis, loopback } from "../redis.js";
import { type Database, database } from "./database.js";
import type { Command } from "./link.js";
import { refusal } from "./refusal.js";
import { type Outcome, outcome } from "./reply.js";
import { MAX_BODY, parseCommand, parseCommands, parsePath, parseTarget, readBody, type Target } from "./request.js";
import { Subscriptions } from "./subscriptions.js";

type Options = {
  /** The URL of Redis, which must be on this machine. */
  redis: string;
  /** The bearer token that requests must carry. */
  token: string;
  /** 0, the default, takes any free port. */
  port?: number;
  /** Interval of heartbeat comments on subscriptions. */
  heartbeatMs?: number;
  /** Serves plain reads from a copy of the data that lags by so much. */
  lagMs?: number;
};

/** Serves the Upstash Redis REST API on 127.0.0.1, in front of a Redis of this machine. */
export async function bridge(options: Options): Promise<{ url: string; stop(): Promise<void> }> {
  const redis = loopback(options.redis);
  const db = await database(redis, options.lagMs);
  const subscriptions = new Subscriptions(redis, options.heartbeatMs);
  let requests = 0;
  const nextSyncToken = () => Buffer.from(`${++requests}`).toString("base64");
  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    answer({ db, subscriptions, token: options.token, nextSyncToken }, request, response).catch((error: unknown) => {
      // Redis is unreachable, or the connection was lost before it replied: the command may or may not have run.
      const reason = error instanceof Error ? error.message : "";
      say(response, 503, { error: `ERR Redis is not available: ${reason}` });
    });
  });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      subscriptions.stop();
      server.close();
      server.closeAllConnections();
      await db.stop();
    },
  };
}

type Service = {
  db: Database;
  subscriptions: Subscriptions;
  token: string;
  /** Creates a token for the state of the database after a request, by which a client of the service reads its own writes. */
  nextSyncToken(): string;
};

async function answer(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = parseTarget(request.url ?? "/");
  const body = await readBody(request);
  if (!admitted(service, request, target)) return say(response, 401, { error: "Unauthorized" });
  if (body === undefined) {
    return say(response, 413, { error: `ERR max request size exceeded. Limit: ${MAX_BODY} bytes` });
  }
  const base64 = request.headers["upstash-encoding"] === "base64";
  response.setHeader("upstash-sync-token", service.nextSyncToken());
  const [first = "", second] = target.words;
  switch (first.toLowerCase()) {
    case "":
      return await single(service, parseCommand(body), base64, response);
    case "pipeline":
      return await pipeline(service, parseCommands(body), base64, response);
    case "multi-exec":
      return await transaction(service, parseCommands(body), base64, response);
    case "subscribe":
    case "psubscribe": {
      const kind = first.toLowerCase() === "subscribe" ? "subscribe" : "psubscribe";
      if (second === undefined) return say(response, 400, { error: `ERR wrong number of arguments for '${kind}'` });
      return await service.subscriptions.open(kind, second, response);
    }
    default:
      return await single(service, parsePath(target, body), base64, response);
  }
}

async function single({ db }: Service, command: Command | undefined, base64: boolean, response: ServerResponse) {
  if (command === undefined) return say(response, 400, { error: "ERR failed to parse command" });
  const said = await run(db, command, base64);
  say(response, "error" in said ? 400 : 200, said);
}

async function pipeline({ db }: Service, commands: Command[] | undefined, base64: boolean, response: ServerResponse) {
  if (commands === undefined) return say(response, 400, { error: "ERR failed to parse pipeline request" });
  say(response, 200, await Promise.all(commands.map((command) => run(db, command, base64))));
}

async function transaction(
  { db }: Service,
  commands: Command[] | undefined,
  base64: boolean,
  response: ServerResponse,
) {
  if (commands === undefined) return say(response, 400, { error: "ERR failed to parse multi-exec request" });
  const refused = commands.map(refusal).find((reason) => reason !== undefined);
  if (refused !== undefined) return say(response, 400, { error: refused });
  const replies = await db.transact(commands, base64);
  if (!Array.isArray(replies)) return say(response, 400, outcome(replies, base64));
  say(
    response,
    200,
    replies.map((reply) => outcome(reply, base64)),
  );
}

async function run(db: Database, command: Command, base64: boolean): Promise<Outcome> {
  const refused = refusal(command);
  return refused === undefined ? outcome(await db.run(command, base64), base64) : { error: refused };
}

function admitted({ token }: Service, request: IncomingMessage, { query }: Target): boolean {
  return request.headers.authorization === `Bearer ${token}` || query.get("_token") === token;
}

function say(response: ServerResponse, status: number, body: Outcome | Outcome[]): void {
  const text = JSON.stringify(body);
  response.sendDate = false;
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

async function listen(server: Server, port: number): Promise<number> {
  return await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(address !== null && typeof address === "object" ? address.port : port);
    });
  });
}

// Run as a program, it is one bridge for several server processes.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { PORT = "0", CHAT_LOCAL_REDIS, CHAT_LOCAL_LAG_MS: lag, UPSTASH_REDIS_REST_TOKEN: token } = process.env;
  if (token === undefined) throw new Error("Cannot start the bridge: UPSTASH_REDIS_REST_TOKEN is missing");
  const redis = await findRedis(CHAT_LOCAL_REDIS);
  const lagMs = lag === undefined ? {} : { lagMs: Number(lag) };
  const { url } = await bridge({ redis: redis.url, token, port: Number(PORT), ...lagMs });
  console.log(url);
}
