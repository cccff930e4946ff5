import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SignJWT } from "jose";
import * as v from "valibot";
import type { Chat, ConnectOptions } from "../../lib/client/protocol/chat.js";
import { type Sum, Tally } from "./tally.js";

// The program that talks at /proof: people in rooms of ten, each by the client that pages use. Tells its parent what they see.

/** What the bots have seen, all together. */
export type Count = Sum & {
  online: number;
  /** Answers that did not continue where the one before ended, and messages whose number did not follow. */
  breaks: number;
  resyncs: number;
  /** All are there, and talk. */
  talking: boolean;
};

const { CHAT_URL = "", CHAT_JWT_SECRET = "", BOTS = "200" } = process.env;
const ROOM = 10;
// At the most: 200 bots then say some 15 messages a second, which 2,000 more of their screens show.
const PAUSE_MS = 13_000;
const REPORT_MS = 500;
// Logging in is what costs most; a laptop has more to do.
const AT_ONCE = 10;

const Credential = v.object({ token: v.string(), expires: v.string(), cursor: v.string() });

const run = randomUUID().slice(0, 8);
const secret = new TextEncoder().encode(CHAT_JWT_SECRET);
const tally = new Tally();
const bots: Chat[] = [];
let talking = false;

// Compiled with the browser's types, and so known here by its own alone.
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

/** Brings one in, and listens; returns when the first answer came. */
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
    // What comes again as it was, the client drops; it came all the same.
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
