import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SignJWT } from "jose";
import * as v from "valibot";
import type { Chat, ConnectOptions } from "../../lib/client/protocol/chat.js";
import { type Sum, Tally } from "./tally.js";

// The bots of /proof: users in rooms of ten, each with the client that pages use. Reports what they receive to the parent process.

/** What all bots together have received. */
export type Count = Sum & {
  online: number;
  /** Responses that did not continue from the previous one, and messages whose `seq` did not follow. */
  breaks: number;
  resyncs: number;
  /** All bots are connected, and send messages. */
  talking: boolean;
};

const { CHAT_URL = "", CHAT_JWT_SECRET = "", BOTS = "200" } = process.env;
const ROOM = 10;
// The mean pause between two messages of a bot: 200 bots then send about 15 messages a second.
const PAUSE_MS = 13_000;
const REPORT_MS = 500;
// Signing in costs the most, and the machine has other work.
const AT_ONCE = 10;

const Credential = v.object({ token: v.string(), expires: v.string(), cursor: v.string() });

const run = randomUUID().slice(0, 8);
const secret = new TextEncoder().encode(CHAT_JWT_SECRET);
const tally = new Tally();
const bots: Chat[] = [];
let talking = false;

// Imported dynamically, since the client is compiled with the browser's types, in another project.
const client: { connect(options: ConnectOptions): Chat } = await import(
  new URL("../../lib/client/connect.js", import.meta.url).href
);

process.once("disconnect", () => process.exit());
setInterval(() => process.send?.(count()), REPORT_MS);
await gather(Number(BOTS));
talking = true;
for (const [i, bot] of bots.entries()) void talk(bot, i);

async function gather(size: number): Promise<void> {
  for (let from = 0; from < size; from += AT_ONCE) {
    const arriving = Array.from({ length: Math.min(AT_ONCE, size - from) }, (_, i) => enter(from + i));
    await Promise.all(arriving);
    const members = arriving.map((_, i) => entityOf(from + i));
    await bots[from]?.create({ kind: "room", id: roomOf(from), members, subject: `Room ${from / ROOM + 1}` });
  }
}

/** Connects a bot and counts what it receives; resolves after its first response. */
async function enter(i: number): Promise<void> {
  const chat = client.connect({ url: CHAT_URL, getToken: () => admit(i), persist: false, share: false });
  bots[i] = chat;
  chat.on("message", ({ message, pending, refused }) => pending || refused || tally.heard(message.id, i));
  while (chat.state !== "online") await sleep(20);
}

async function admit(i: number): Promise<v.InferOutput<typeof Credential>> {
  const session = await new SignJWT({ sub: entityOf(i), name: `Bot ${i + 1}` })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime("1m")
    .sign(secret);
  const response = await fetch(`${CHAT_URL}/nereid-chat/token`, {
    method: "POST",
    headers: { authorization: `Bearer ${session}` },
  });
  if (!response.ok) throw new Error(`Cannot enter: ${response.status}`);
  return v.parse(Credential, await response.json());
}

async function talk(chat: Chat, i: number): Promise<void> {
  for (;;) {
    await sleep(PAUSE_MS * 2 * Math.random());
    const id = randomUUID();
    tally.said(id, Math.min(ROOM, bots.length - (i - (i % ROOM))));
    chat.send({ id, thread: roomOf(i), text: `Bot ${i + 1} is still here` }).then(
      () => tally.accepted(id, Date.now()),
      () => tally.refused(id),
    );
  }
}

function count(): Count {
  const sum = tally.sum(Date.now());
  const all = (name: keyof Chat["continuity"]) => bots.reduce((total, { continuity }) => total + continuity[name], 0);
  return {
    ...sum,
    // The client drops repeated messages, but they count here.
    doubled: sum.doubled + all("repeats"),
    online: bots.filter(({ state }) => state === "online").length,
    breaks: all("breaks") + all("holes"),
    resyncs: all("resyncs"),
    talking,
  };
}

function entityOf(i: number): string {
  return `bot,${run}-${i}`;
}

function roomOf(i: number): string {
  return `room-${run}-${Math.floor(i / ROOM)}`;
}
