import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { SignJWT } from "jose";
import { chromium, type Page } from "playwright-core";
import * as v from "valibot";
import { ARGUMENTS, PROGRAMS } from "../test/browser/launch.js";
import { describeMachine, quantile, SECRET, site } from "./support/site.js";

// The program behind `npm run bench:widget`: the widget of a user with 500 conversations, one of them with 10,000 messages, in the machine's Chromium: how
// long a frame takes while both are scrolled, how much is in the page, and what it holds after 50 conversations were opened and closed, and opened and
// closed again. It exits with 1 if a frame takes more than a sixtieth of a second at the 95th percentile or a quarter of one at most, or if the second
// round leaves more behind than it may. `-- --save` writes widget.json.

const CONVERSATIONS = 500;
const MESSAGES = 10_000;
const OPENED = 50;
const IN_EACH = 60;
// What an import takes at once.
const BATCH = 200;
const STEP_PX = 150;
const FRAME_MS = 1_000 / 60;
// A display reports the time of a frame rounded.
const ROUNDING_MS = 0.4;
// A reader notices a longer one as a stop.
const LONGEST_MS = 250;
const FRAMES = 600;
const ROWS_MAX = 400;
const GROWTH_MAX = 1.1;
// By then, all 10,000 messages are read back, or it hangs.
const REACH_MS = 180_000;

type Frames = { p50: number; p95: number; most: number };
type Held = { heap: number; nodes: number; listeners: number };

const path = PROGRAMS.flatMap((it) => (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, it)));
const executablePath = path.find((it) => existsSync(it));
if (executablePath === undefined) throw new Error("Cannot measure without a chromium on PATH");

const server = await site({ CHAT_HISTORY: `${MESSAGES}`, CHAT_RATE_SEND: "1000000", CHAT_RATE_REACH: "1000000" });
const ann = await server.user("ann");
const host = await new SignJWT({ sub: "host", scope: "chat:server" })
  .setProtectedHeader({ alg: "HS256" })
  .setExpirationTime("1h")
  .sign(new TextEncoder().encode(SECRET));
const long = await fill();

const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
const page = await open();
const devtools = await page.context().newCDPSession(page);

console.log(`${describeMachine()}\n\n| | frame, ms p50 | p95 | most |\n|---|---|---|---|`);
const frames = { conversations: await scrollList(), ...(await scrollMessages()) };
const rows = await mostRows();
console.log(`\n${rows} of ${MESSAGES} messages in the page\n\n| | heap, MiB | nodes | listeners |\n|---|---|---|---|`);
await measure("the list");
await openAndClose();
const first = await measure(`${OPENED} conversations opened and closed`);
await openAndClose();
const second = await measure("and again");
await browser.close();
await server.stop();

if (process.argv.includes("--save")) {
  const results = {
    machine: describeMachine(),
    date: new Date().toISOString().slice(0, 10),
    frames,
    rows,
    first,
    second,
  };
  await writeFile(new URL("../../bench/widget.json", import.meta.url), `${JSON.stringify(results, undefined, 2)}\n`);
}
const slow = Object.values(frames).some((it) => it.p95 > FRAME_MS + ROUNDING_MS || it.most > LONGEST_MS);
const grown = (["heap", "nodes", "listeners"] as const).some((it) => second[it] > first[it] * GROWTH_MAX);
process.exit(slow || grown || rows > ROWS_MAX ? 1 : 0);

/** Makes the conversations, and returns the one with the most messages, which is the newest. */
async function fill(): Promise<string> {
  let id = "";
  for (let i = 0; i < CONVERSATIONS; i++) {
    id = randomUUID();
    const room = { kind: "room", id, subject: `Room ${i}`, members: [ann.actor.id, "ben"] };
    await server.call(v.unknown(), "server/threads?as=host", { body: room, token: host });
    const count = i === CONVERSATIONS - 1 ? MESSAGES : i < CONVERSATIONS - 1 - OPENED ? 1 : IN_EACH;
    for (let from = 0; from < count; from += BATCH) {
      const messages = Array.from({ length: Math.min(BATCH, count - from) }, (_, j) => message(i, from + j));
      await server.call(v.unknown(), `server/threads/${id}/import`, { body: { messages }, token: host });
    }
  }
  return id;
}

function message(room: number, number: number) {
  const timestamp = new Date(Date.UTC(2025, 0, 1) + room * 60_000_000 + number * 6_000).toISOString();
  const text = `no ${number}. ${"words that fill a line or two ".repeat(1 + (number % 7))}`;
  return { id: randomUUID(), sender: number % 3 === 0 ? ann.actor.id : "ben", timestamp, text };
}

async function open(): Promise<Page> {
  const opened = await browser.newPage({ viewport: { width: 1_000, height: 800 } });
  const body = `<!doctype html><html lang="en"><title>A page</title><script src="/nereid-chat/chat.js" defer></script>
    <nereid-chat token="${ann.token}" style="block-size: 760px"></nereid-chat>`;
  await opened.route(`${server.url}/host`, (route) => route.fulfill({ contentType: "text/html", body }));
  await opened.goto(`${server.url}/host`);
  await opened.locator(".thread").first().waitFor();
  return opened;
}

async function scrollList(): Promise<Frames> {
  // All of them are loaded when the end is reached.
  await reach(
    ".threads",
    "it.scrollTop = it.scrollHeight",
    `document.querySelector("nereid-chat").inbox.more !== true`,
  );
  return scroll("500 conversations", ".threads", -1);
}

/** Reads all messages back to the first one, and scrolls on from there, and back. */
async function scrollMessages(): Promise<{ backwards: Frames; onwards: Frames }> {
  await show(long);
  const backwards = await scroll("10,000 messages, backwards while they are loaded", ".log", -1);
  await reach(
    ".log",
    "it.scrollTop = -it.scrollHeight",
    `document.querySelector("nereid-chat").inbox.conversations.get("${long}").older === false && it.scrollHeight - it.clientHeight + it.scrollTop < 1 && root.querySelector(".log .text").textContent.startsWith("no 0.")`,
  );
  return { backwards, onwards: await scroll("10,000 messages, from the first one on", ".log", 1) };
}

/** Returns how many messages are in the page, at most, while it was scrolled. */
async function mostRows(): Promise<number> {
  return v.parse(v.number(), await page.evaluate("window.mostRows"));
}

/** Scrolls to an end again and again, until something holds. */
async function reach(selector: string, scroll: string, holds: string): Promise<void> {
  await page.evaluate(`new Promise((resolve, reject) => {
    const root = document.querySelector("nereid-chat").shadowRoot;
    const begun = performance.now();
    const step = () => {
      const it = root.querySelector("${selector}");
      ${scroll};
      if (${holds}) resolve();
      else if (performance.now() - begun > ${REACH_MS}) reject(new Error("Cannot reach the end of ${selector}"));
      else setTimeout(step, 30);
    };
    step();
  })`);
}

/** Scrolls by a step in each frame, and prints how long frames took. */
async function scroll(what: string, selector: string, direction: number): Promise<Frames> {
  const spent = v.parse(
    v.array(v.number()),
    await page.evaluate(`new Promise((resolve) => {
      const root = document.querySelector("nereid-chat").shadowRoot;
      const it = root.querySelector("${selector}");
      const spent = [];
      let last;
      const step = (now) => {
        if (last !== undefined) spent.push(now - last);
        last = now;
        it.scrollTop += ${direction * STEP_PX};
        window.mostRows = Math.max(window.mostRows ?? 0, root.querySelectorAll(".row").length);
        if (spent.length < ${FRAMES}) requestAnimationFrame(step); else resolve(spent);
      };
      requestAnimationFrame(step);
    })`),
  );
  const [p50 = 0, p95 = 0, most = 0] = [0.5, 0.95, 1].map((it) => rounded(quantile(spent, it)));
  console.log(`| ${what} | ${p50.toFixed(1)} | ${p95.toFixed(1)} | ${most.toFixed(1)} |`);
  return { p50, p95, most };
}

async function openAndClose(): Promise<void> {
  const threads = v.parse(
    v.array(v.string()),
    await page.evaluate(
      `[...document.querySelector("nereid-chat").inbox.conversations.values()].sort((a, b) => (a.thread.updated < b.thread.updated ? 1 : -1)).map(({ thread }) => thread.id).slice(1, ${OPENED + 1})`,
    ),
  );
  for (const thread of threads) await show(thread);
  await page.evaluate(`document.querySelector("nereid-chat").show(undefined)`);
  await page.waitForTimeout(500);
}

async function show(thread: string): Promise<void> {
  await page.evaluate(`document.querySelector("nereid-chat").show("${thread}")`);
  await page.locator(".row").first().waitFor();
  await page.waitForTimeout(100);
}

/** Prints what the page holds after its garbage was collected: its heap in MiB, and its nodes and listeners, in the document or not. */
async function measure(what: string): Promise<Held> {
  // What is only held by what is garbage itself goes the second time.
  for (let round = 0; round < 2; round++) await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  const { nodes, jsEventListeners: listeners } = await devtools.send("Memory.getDOMCounters");
  const heap = rounded(usedSize / 2 ** 20);
  console.log(`| ${what} | ${heap.toFixed(1)} | ${nodes} | ${listeners} |`);
  return { heap, nodes, listeners };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
