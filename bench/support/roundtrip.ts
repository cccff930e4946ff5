import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import * as v from "valibot";
import { backend } from "./backend.js";
import { chat } from "./chat.js";
import { Connections } from "./connection.js";
import { end, saidBy, start } from "./program.js";
import { SECRET, sign } from "./site.js";

/** A request to the store, and when it was under way. */
type Trip = { path: string; from: number; to: number };

// So long that what else takes time does not change which request waits for which.
const DELAY_MS = 25;
const Token = v.object({ token: v.string(), cursor: v.string() });

/** What those bring with them who ask an instance that has just started. */
const BROUGHT = ["token and cursor", "token alone", "session and cursor", "session alone"] as const;
type Brought = (typeof BROUGHT)[number];

/** Counts how many round trips to the store follow one upon another before an instance that has just started answers for the first time. */
export async function countRoundTrips(): Promise<[what: Brought, trips: number][]> {
  const store = await backend();
  const way = await slow(new URL(store.environment.UPSTASH_REDIS_REST_URL));
  const warm = await chat({}, store);
  const ann = await warm.connect("ann", () => undefined);
  const environment = { ...store.environment, UPSTASH_REDIS_REST_URL: way.url, CHAT_JWT_SECRET: SECRET };
  const count = async (brought: Brought) => {
    const server = start("local/start.js", { ...environment, PORT: "0", CHAT_GUESTS: "0" });
    const origin = (await saidBy(server, /^Serving on (http:\S+),/)).replace("localhost", "127.0.0.1");
    const asking = new Connections(origin);
    const session = await sign("ben");
    const made = await asking.ask("POST", "/nereid-chat/token", "", session);
    const { token, cursor } = v.parse(Token, JSON.parse(made.text));
    await ann.say({ person: "ben" }, `Hello, Ben, who brings ${brought}`);
    way.trips.length = 0;
    const query = brought.endsWith("cursor") ? `?cursor=${cursor}` : "";
    if (brought.startsWith("token")) await asking.ask("GET", `/nereid-chat/stream/${token}${query}`);
    else await asking.ask("GET", `/nereid-chat/stream${query}`, "", session);
    const answered = performance.now();
    asking.close();
    await end(server);
    return inSeries(way.trips.filter(({ path, to }) => !path.startsWith("/subscribe") && to <= answered));
  };
  // The first ones find scripts that the store has not seen yet: that happens once in the life of a store.
  for (const brought of BROUGHT) await count(brought);
  const counted: [Brought, number][] = [];
  for (const brought of BROUGHT) counted.push([brought, await count(brought)]);
  ann.close();
  await warm.stop();
  way.stop();
  await store.stop();
  return counted;
}

/** Passes requests on to the store, each after a while, and notes them. */
async function slow(store: URL): Promise<{ url: string; trips: Trip[]; stop(): void }> {
  const trips: Trip[] = [];
  const server = createServer((asked, answer) => {
    const trip = { path: asked.url ?? "", from: performance.now(), to: Number.POSITIVE_INFINITY };
    trips.push(trip);
    setTimeout(() => pass(store, asked, answer, () => (trip.to = performance.now())), DELAY_MS);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, trips, stop: () => server.closeAllConnections() };
}

function pass(store: URL, asked: IncomingMessage, answer: ServerResponse, done: () => void): void {
  const { method, headers, url } = asked;
  const options = { hostname: store.hostname, port: store.port, method, headers, path: url };
  const passed = request(options, (reply) => {
    answer.writeHead(reply.statusCode ?? 500, reply.headers);
    reply.pipe(answer);
    reply.once("end", done);
  });
  // Whoever subscribes may go at any time.
  passed.on("error", () => answer.destroy());
  answer.once("close", () => passed.destroy());
  asked.pipe(passed);
}

/** The longest row of trips of which each began when the one before was over. */
function inSeries(trips: readonly Trip[]): number {
  let length = 0;
  let over = 0;
  for (const { from, to } of [...trips].sort((a, b) => a.to - b.to)) {
    if (from < over) continue;
    length++;
    over = to;
  }
  return length;
}
