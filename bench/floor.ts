import { request as ask, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import * as v from "valibot";
import { Connections } from "./support/connection.js";

// The floor: the least that a chat of functions could do over the same bridge, and still keep its messages. One REST call a
// send (a script of XADD and PUBLISH), one a poll (XRANGE), one subscription of the process that wakes whoever waits; or event
// streams, which begin with what comes next. It knows
// no identity, no membership, no idempotency, no order across channels, and asks the store for every poll: what the chat
// spends beyond it is the price of all that.

const { UPSTASH_REDIS_REST_URL: origin = "", UPSTASH_REDIS_REST_TOKEN: token = "" } = process.env;
const HOLD_MS = 30_000;

const rest = new Connections(origin);
const ADD = `local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', 1000, '*', 'd', ARGV[1]) redis.call('PUBLISH', 'floor', KEYS[1] .. ' ' .. id .. ' ' .. ARGV[1]) return id`;

type Entry = { id: string; body: string };
const Entries = v.array(
  v.pipe(
    v.tuple([v.string(), v.tuple([v.literal("d"), v.string()])]),
    v.transform(([id, [, body]]): Entry => ({ id, body })),
  ),
);
const Replied = v.object({ result: v.unknown() });
const Said = v.object({ channel: v.string(), text: v.string() });

const waiting = new Map<string, Set<(entry: Entry) => void>>();
const sha = await command(v.string(), ["SCRIPT", "LOAD", ADD]);
await subscribe();

const server = createServer((request, response) => {
  answer(request, response).catch(() => say(response, 500, "{}"));
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") console.log(`http://127.0.0.1:${address.port}`);
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === "POST") {
    const { channel, text } = v.parse(Said, JSON.parse(await read(request)));
    const id = await command(v.string(), ["EVALSHA", sha, "1", channel, JSON.stringify({ text })]);
    return say(response, 200, `{"id":"${id}"}`);
  }
  const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://floor");
  if (pathname === "/live") return follow(query.get("channel") ?? "", response);
  const after = query.get("after") ?? "0-0";
  const entries = await poll(query.get("channel") ?? "", after, response);
  const body = `{"cursor":"${entries.at(-1)?.id ?? after}","stanzas":[${entries.map((entry) => entry.body).join(",")}]}`;
  say(response, 200, body);
}

/** Answers what a channel holds after an entry, or what comes next. */
async function poll(channel: string, after: string, response: ServerResponse): Promise<Entry[]> {
  const early: Entry[] = [];
  let wake = (entry: Entry): unknown => early.push(entry);
  const hear = (entry: Entry) => wake(entry);
  const here = waiting.get(channel) ?? new Set();
  waiting.set(channel, here.add(hear));
  try {
    const found = await command(Entries, ["XRANGE", channel, `(${after}`, "+", "COUNT", "500"]);
    const last = found.at(-1)?.id ?? after;
    const all = [...found, ...early.filter(({ id }) => isAfter(id, last))];
    if (all.length > 0) return all;
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve([]), HOLD_MS);
      wake = (entry) => {
        clearTimeout(timer);
        resolve([entry]);
      };
      response.once("close", () => clearTimeout(timer));
    });
  } finally {
    here.delete(hear);
  }
}

/** Writes what comes next on a channel, until the reader goes. */
function follow(channel: string, response: ServerResponse): void {
  const here = waiting.get(channel) ?? new Set();
  const hear = ({ id, body }: Entry) => response.write(`id: ${id}\ndata: ${body}\n\n`);
  waiting.set(channel, here.add(hear));
  response.once("close", () => here.delete(hear));
  response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
}

function isAfter(id: string, other: string): boolean {
  const [a = 0, i = 0] = id.split("-").map(Number);
  const [b = 0, j = 0] = other.split("-").map(Number);
  return a > b || (a === b && i > j);
}

async function command<Reply>(reply: v.GenericSchema<unknown, Reply>, words: readonly string[]): Promise<Reply> {
  const { text } = await rest.ask("POST", "/", JSON.stringify(words), token);
  return v.parse(reply, v.parse(Replied, JSON.parse(text)).result);
}

function subscribe(): Promise<void> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}` };
    ask(`${origin}/subscribe/floor`, { method: "POST", headers }, (response) => {
      let rest = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          if (line.startsWith("data: subscribe,")) resolve();
          else wakeBy(line);
        }
      });
    }).end();
  });
}

function wakeBy(line: string): void {
  const [, channel = "", id = "", body = ""] = /^data: message,floor,(\S+) (\S+) (.*)$/.exec(line) ?? [];
  for (const hear of [...(waiting.get(channel) ?? [])]) hear({ id, body });
}

function read(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    request.on("end", () => resolve(text));
  });
}

function say(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}
