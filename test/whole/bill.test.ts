import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import * as token from "../../lib/auth/token.js";
import { signFiles } from "../../lib/chat/file-access.js";
import { page } from "../../lib/chat/history.js";
import * as thread from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { list } from "../../lib/chat/thread-list.js";
import { grantUpload } from "../../lib/chat/upload.js";
import type { ChatContext } from "../../lib/http/chat-context.js";
import { readClock } from "../../lib/log/clock.js";
import { renew } from "../../lib/presence/lease.js";
import { digest } from "../../lib/store/keys.js";
import { findRedis } from "../../local/redis.js";
import { bridge } from "../../local/upstash/rest-api.js";
import { composeChat } from "../support/chat.js";
import { spent, total } from "../support/meter.js";
import { Person } from "../support/person.js";

const DOCUMENT = new URL("../../docs/cost.md", import.meta.url);
const BEGIN = "<!-- counted by test/whole/bill.test.ts -->\n";
const END = "<!-- end -->";

const BUSY = "all receipts of a room of 60 for one message, sent within two seconds";

/** Sends a message to a room, and lets readers read it within the next two seconds. */
async function readByAll(sender: Person, room: string, readers: readonly Person[]): Promise<void> {
  const sent = Object(await sender.send("message", { thread: room, text: "Hello, all" }));
  const read = async (reader: Person, i: number) => {
    await sleep(i * 30);
    await reader.send("receipt", { thread: room, seq: sent.seq });
  };
  await Promise.all(readers.map(read));
}

// Only a real server counts its commands.
describe.runIf(inject("store") === "redis-server")("the bill", () => {
  let redis: ReturnType<typeof createClient>;
  let chat: ChatContext;
  let end: () => Promise<void>;
  const rows: [what: string, commands: number][] = [];

  // A Redis of its own: the commands of other tests would be counted too.
  beforeAll(async () => {
    const server = await findRedis("auto");
    const rest = await bridge({ redis: server.url, token: "the token of the bill" });
    chat = composeChat({ redisUrl: rest.url, redisToken: "the token of the bill", filesFolder: "/nowhere" });
    redis = createClient({ url: server.url });
    await redis.connect();
    end = async () => {
      chat.tail.close();
      redis.destroy();
      await rest.stop();
      await server.stop();
    };
  });
  afterAll(() => end());

  /** Counts what a step costs once its scripts are known to the store. */
  async function count(what: string, step: () => Promise<unknown>): Promise<number> {
    await step();
    await sleep(50);
    const commands = total(await spent(redis, step));
    rows.push([what, commands]);
    return commands;
  }

  it("is what docs/cost.md says, and at most 11 commands for what users do most often", async () => {
    const [ann, ben] = await Promise.all([new Person(chat, "bill,ann").begin(), new Person(chat, "bill,ben").begin()]);
    const now = Date.now();
    const room = await thread.room(chat, ann.caller, { members: [ben.id] }, now);
    const readers = Array.from({ length: 59 }, (_, i) => new Person(chat, `bill,reader,${i}`));
    const zoe = await new Person(chat, "bill,zoe").begin();
    const busy = await thread.room(chat, zoe.caller, { members: readers.map(({ id }) => id) }, now);
    const said: string[] = [];
    const say = () => {
      said.push(crypto.randomUUID());
      return ann.send("message", { id: said.at(-1), thread: room, text: "Hello" });
    };
    const newest = () => ({ thread: room, id: said.at(-1) });
    let seq = 0;
    let n = 0;
    const session = { actor: ann.caller.actor, expires: now + 60_000 };
    const often: number[] = [];
    await count("a chat token made", () => token.create(chat, session, now));
    const made = await token.create(chat, session, now);
    await count("a chat token proved, once by each instance that it meets", () =>
      token.find(chat, digest(made.token), now),
    );
    often.push(await count("a message, to however many", say));
    await count("a message sent again", () => ann.send("message", { ...newest(), text: "Hello" }));
    often.push(await count("a receipt", () => ben.send("receipt", { thread: room, seq: ++seq })));
    const message = often[0] ?? 0;
    await count(BUSY, () => readByAll(zoe, busy, readers));
    rows.at(-1)?.splice(1, 1, (rows.at(-1)?.[1] ?? 0) - message);
    expect(rows.at(-1)?.[1]).toBeLessThanOrEqual(60);
    often.push(await count("an edit", () => ann.send("edit", { ...newest(), text: `Hello ${++n}` })));
    often.push(await count("a reaction", () => ben.send("reaction", { ...newest(), emoji: ["👍", "🎉"][n++ % 2] })));
    await count("a retraction", () => ann.send("retract", { thread: room, id: said.pop() }));
    await count("a chat state", () => ben.send("state", { thread: room, state: "composing" }));
    await count("a presence that changes, told in one thread", () => ben.send("presence", [{ status: `${++n}` }]));
    await count("somebody blocked or let through", () =>
      ann.send("block", { entity: "bill,cas", remove: n++ % 2 === 0 }),
    );
    await count("a thread muted or hidden", () =>
      ann.send("setting", { thread: room, muted: n++ % 2 === 0, hidden: n % 2 === 0 }),
    );
    await count("a room made, of two", () => thread.room(chat, ann.caller, { members: [ben.id] }, Date.now()));
    await count("somebody added to a room", () => change(chat, ann.caller, room, { add: [`bill,${++n}`] }, Date.now()));
    await count("a page of history", () => page(chat, ann.caller, room, {}));
    await count("which files are taken, asked once by each page", () => signFiles(chat, ann.caller, [], Date.now()));
    const file = { name: "tea.txt", type: "text/plain", size: 3 };
    const grant = () => grantUpload(chat, ann.caller, { ...file, thread: room }, "127.0.0.1", Date.now());
    await count("an upload granted", grant);
    const { file: uploaded } = await grant();
    await count("the URL of a file, for each of them", () => signFiles(chat, ann.caller, [uploaded], Date.now()));
    const cas = await new Person(chat, "bill,cas").begin();
    await thread.room(chat, cas.caller, { members: [] }, now);
    await count("the list of one's threads, of one", () => list(chat, cas.caller, {}));
    const { epoch } = await readClock(chat);
    const receipts = ["one", "two"].map((it) => ({ epoch, thread: room, entity: it, who: it, seq: 1, at: now }));
    const leases = "leases renewed at a look at the clock, however many";
    await count(leases, () => renew(chat, [ann.id, ben.id], Date.now()));
    await count(`${leases}, and told what has been received`, () =>
      renew(chat, [ann.id, ben.id], Date.now(), receipts),
    );
    await ann.follow(0);
    await count("a poll that does not wait, and finds nothing: a look at the clock", () => ann.follow(0));
    await count("a poll that is held and answered, from memory", async () => {
      const heard = ann.hear(5);
      await sleep(50);
      const before = await spent(redis, say);
      await heard;
      return before;
    });
    rows.at(-1)?.splice(1, 1, (rows.at(-1)?.[1] ?? 0) - message);
    expect(Math.max(...often)).toBeLessThanOrEqual(11);
    const table = `| | commands |\n|---|---|\n${rows.map(([what, commands]) => `| ${what} | ${commands} |`).join("\n")}\n`;
    const document = await readFile(DOCUMENT, "utf8");
    const [head = "", rest = ""] = document.split(BEGIN);
    const [before, after = ""] = rest.split(END);
    if (process.env.UPDATE === "1") await writeFile(DOCUMENT, `${head}${BEGIN}${table}${END}${after}`);
    else expect(before).toBe(table);
  });
});
