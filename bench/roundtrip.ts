import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import * as v from "valibot";
import { backend } from "./backend.js";
import { chat, sign } from "./chat.js";
import { Connections } from "./connection.js";
import { end, saidBy, start } from "./program.js";
import { SECRET } from "./site.js";

/** A request to the store, and when it was under way. */
type Trip = { path: string; from: number; to: number };

// So long that what else takes time does not change which request waits for which.
const DELAY_MS = 25;
const Token = v.object({ token: v.string(), cursor: v.string() });

/** Counts how many round trips to the store follow one upon another before an instance that has just started answers for the first time. */
export async function countRoundTrips(): Promise<number> {
  const store = await backend();
  const { url, trips, stop } = await slow(new URL(store.environment.UPSTASH_REDIS_REST_URL));
  const warm = await chat({}, store);
  const ann = await warm.connect("ann", () => undefined);
  const environment = { ...store.environment, UPSTASH_REDIS_REST_URL: url, CHAT_JWT_SECRET: SECRET };
  const server = start("local/server.js", { ...environment, PORT: "0", CHAT_GUESTS: "0" });
  const origin = (await saidBy(server, /^Serving on (http:\S+),/)).replace("localhost", "127.0.0.1");
  const asking = new Connections(origin);
  const made = await asking.ask("POST", "/nereid-chat/token", "", `authorization: Bearer ${await sign("ben")}\r\n`);
  const { token, cursor } = v.parse(Token, JSON.parse(made.text));
  await ann.say({ person: "ben" }, "Hello, Ben");
  trips.length = 0;
  await asking.ask("GET", `/nereid-chat/stream/${token}?wait=20&cursor=${cursor}`);
  const answered = performance.now();
  for (const it of [ann, asking]) it.close();
  await end(server);
  await warm.stop();
  stop();
  await store.stop();
  return inSeries(trips.filter(({ path, to }) => !path.startsWith("/subscribe") && to <= answered));
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
