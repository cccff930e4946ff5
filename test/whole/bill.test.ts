import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { findRedis } from "../../local/redis.js";
import { bridge } from "../../local/upstash/rest-api.js";
import { spent, total } from "../support/meter.js";

const DOCUMENT = new URL("../../docs/cost.md", import.meta.url);
const BEGIN = "<!-- counted by test/whole/bill.test.ts -->\n";
const END = "<!-- end -->";

// Only a real server counts its commands.
describe.runIf(inject("store") === "redis-server")("the bill", () => {
  let redis: ReturnType<typeof createClient>;
  let end: () => Promise<void>;
  const rows: [what: string, commands: number][] = [];

  // A Redis of its own, since what others ask would be counted along; so what reads the environment is imported after this.
  beforeAll(async () => {
    const server = await findRedis("auto");
    const rest = await bridge({ redis: server.url, token: "the token of the bill" });
    process.env.UPSTASH_REDIS_REST_URL = rest.url;
    process.env.UPSTASH_REDIS_REST_TOKEN = "the token of the bill";
    redis = createClient({ url: server.url });
    await redis.connect();
    const { tail } = await import("../../lib/log/tail.js");
    end = async () => {
      tail.close();
      redis.destroy();
      await rest.stop();
      await server.stop();
    };
  });
  afterAll(() => end());

  /** Counts what a deed costs once its scripts are known to the store. */
  async function count(what: string, deed: () => Promise<unknown>): Promise<number> {
    await deed();
    await sleep(50);
    const commands = total(await spent(redis, deed));
    rows.push([what, commands]);
    return commands;
  }

  it("is what docs/cost.md says, and at most 11 for what people do all the time", async () => {
    const [{ Person }, { change }, { page }, thread, token, { list }, { digest }, { renew }, log] = await Promise.all([
      import("../support/person.js"),
      import("../../lib/chat/thread-admin.js"),
      import("../../lib/chat/history.js"),
      import("../../lib/chat/thread.js"),
      import("../../lib/auth/token.js"),
      import("../../lib/chat/thread-view.js"),
      import("../../lib/store/keys.js"),
      import("../../lib/presence/lease.js"),
      import("../../lib/log/write.js"),
    ]);
    const [ann, ben] = await Promise.all([new Person("bill,ann").begin(), new Person("bill,ben").begin()]);
    const now = Date.now();
    const room = await thread.room(ann.caller, { members: [ben.id] }, now);
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
    await count("a chat token made", () => token.create(session, now));
    const { token: chat } = await token.create(session, now);
    await count("a chat token proved (none where the stream's instance remembers it)", () =>
      token.find(digest(chat), now),
    );
    often.push(await count("a message, to however many", say));
    await count("a message sent again", () => ann.send("message", { ...newest(), text: "Hello" }));
    often.push(await count("a receipt", () => ben.send("receipt", { thread: room, seq: ++seq })));
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
    await count("a room made, of two", () => thread.room(ann.caller, { members: [ben.id] }, Date.now()));
    await count("somebody added to a room", () => change(ann.caller, room, { add: [`bill,${++n}`] }, Date.now()));
    await count("a page of history", () => page(ann.caller, room, {}));
    const cas = await new Person("bill,cas").begin();
    await thread.room(cas.caller, { members: [] }, now);
    await count("the list of one's threads, of one", () => list(cas.caller, {}));
    const { epoch } = await log.clock();
    const receipts = ["one", "two"].map((it) => ({ epoch, thread: room, entity: it, who: it, seq: 1, at: now }));
    const leases = "leases renewed at a look at the clock, however many";
    await count(leases, () => renew([ann.id, ben.id], Date.now()));
    await count(`${leases}, and told what has been received`, () => renew([ann.id, ben.id], Date.now(), receipts));
    await ann.follow(0);
    await count("a poll that does not wait, and finds nothing: a look at the clock", () => ann.follow(0));
    await count("a poll that is held and answered, from memory", async () => {
      const heard = ann.hear(5);
      await sleep(50);
      const before = await spent(redis, say);
      await heard;
      return before;
    });
    rows.at(-1)?.splice(1, 1, (rows.at(-1)?.[1] ?? 0) - (often[0] ?? 0));
    expect(Math.max(...often)).toBeLessThanOrEqual(11);
    const table = `| | commands |\n|---|---|\n${rows.map(([what, commands]) => `| ${what} | ${commands} |`).join("\n")}\n`;
    const document = await readFile(DOCUMENT, "utf8");
    const [head = "", rest = ""] = document.split(BEGIN);
    const [before, after = ""] = rest.split(END);
    if (process.env.UPDATE === "1") await writeFile(DOCUMENT, `${head}${BEGIN}${table}${END}${after}`);
    else expect(before).toBe(table);
  });
});
