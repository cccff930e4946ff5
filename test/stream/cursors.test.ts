import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import * as token from "../../lib/auth/token.js";
import { readClock } from "../../lib/log/clock.js";
import { formatCursor, parseCursor } from "../../lib/log/cursor.js";
import { ask, chat, kick, meet, people, redis, room, type Someone, say, tail, told, trust } from "../support/people.js";

await meet();

const { keys } = chat;

/** Sends many messages at once, which the store takes in some order. */
const sayMany = (who: Someone, thread: string, count: number) =>
  Promise.all(Array.from({ length: count }, (_, i) => say(who, thread, `${i}`)));

describe("no loss:", () => {
  it("a thread trimmed past a cursor is named in each answer up to there, with its seq, and no other thread", async () => {
    const { ann, ben } = people();
    const [id, quiet] = [await room(ann, [ben]), await room(ann, [ben])];
    await ben.hear();
    let at = ben.at ?? { epoch: "", n: 0 };
    await say(ann, quiet, "early");
    await sayMany(ann, id, 400);
    await say(ann, quiet, "late");
    tail.reset("test");
    const heard = [];
    for (let more = true; more; ) {
      const answer = await ask(ben, at, 30);
      heard.push(...answer.stanzas);
      [at, more] = [answer.cursor, answer.more];
      tail.reset("test");
    }
    const gap = { type: "resync", resync: { reason: "trimmed", threads: [{ id, seq: 400, unread: 400 }] } };
    expect(heard[0]).toEqual(gap);
    expect(heard.filter((it) => it.type === "resync")).toEqual([gap]);
    const messages = heard.filter((it) => it.type === "message");
    const texts = told(messages);
    expect([texts[0], texts.at(-1)]).toEqual(["early", "late"]);
    const kept = messages.slice(1, -1).map((it) => it.message.seq);
    expect(kept.length).toBeGreaterThanOrEqual(255);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 401 - kept.length + i));
    expect(new Set(texts).size).toBe(texts.length);
  }, 60_000);

  it("a thread trimmed past a cursor is named before memory answers past its gap", async () => {
    const { ann, ben } = people();
    const [id, other] = [await room(ann, [ben]), await room(ann, [ben])];
    await ben.hear();
    const from = ben.at ?? { epoch: "", n: 0 };
    for (let i = 0; i < 5; i++) await say(ann, id, `gone ${i}`);
    for (let i = 0; i < 10; i++) await say(ann, other, `${i}`);
    tail.reset("test");
    await trust();
    for (let i = 10; i < 30; i++) await say(ann, other, `${i}`);
    await sayMany(ann, id, 370);
    const cold = await ask(ben, from, 25);
    expect(cold.stanzas[0].resync).toMatchObject({ reason: "trimmed", threads: [{ id }] });
    const last = Number(told(cold.stanzas).at(-1));
    expect(told((await ask(ben, cold.cursor, 2)).stanzas)).toEqual([`${last + 1}`, `${last + 2}`]);
  }, 60_000);

  it.each([
    ["another epoch", (at: { epoch: string; n: number }) => ({ epoch: "another", n: at.n })],
    ["the future", (at: { epoch: string; n: number }) => ({ epoch: at.epoch, n: at.n + 1_000_000 })],
  ])("a cursor of %s gets a resync of all threads", async (_, spoil) => {
    const { ann, ben } = people();
    const ids = [await room(ann, [ben]), await room(ann, [ben])];
    await kick(ann, await room(ann, [ben]), ben);
    const clock = await readClock(chat);
    const answer = await ask(ben, spoil(clock));
    expect(answer.stanzas).toHaveLength(1);
    expect(answer.stanzas[0].resync.reason).toBe("epoch");
    expect(answer.stanzas[0].resync.threads.map((it: { id: string }) => it.id).sort()).toEqual(ids.sort());
    expect(answer.cursor.epoch).toBe(clock.epoch);
  });
});

describe("order, when histories fork:", () => {
  /** Lets the tail check the log, and returns the epoch that it has begun. */
  async function newEpoch(old: string): Promise<string> {
    await tail.confirm();
    await trust();
    const { epoch } = await readClock(chat);
    expect(epoch).not.toBe(old);
    return epoch;
  }

  it("a clock behind what the tail saw starts a new epoch, in which everything continues", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    for (const text of ["one", "two"]) await say(ann, id, text);
    await ben.hear();
    const old = await readClock(chat);
    await redis("HSET", keys.clock, "n", old.n - 2, "tag", "restored");
    const epoch = await newEpoch(old.epoch);
    const answer = await ask(ben, ben.at ?? old);
    expect(answer.stanzas.map((it) => it.type)).toEqual(["resync"]);
    expect(answer.stanzas[0].resync).toEqual({ reason: "epoch", threads: [{ id, seq: 2, unread: 2 }] });
    expect(answer.cursor.n).toBeGreaterThan(old.n);
    ben.at = answer.cursor;
    await say(ann, id, "three");
    expect(told(await ben.hear(5))).toEqual(["three"]);
    expect((await readClock(chat)).epoch).toBe(epoch);
  });

  it("a write to a log that went back begins the new epoch first", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    for (const text of ["one", "two"]) await say(ann, id, text);
    await ben.hear();
    const old = await readClock(chat);
    // The wire would reveal it to the tail, but so many events follow that no number is left out.
    await redis("HSET", keys.clock, "n", old.n - 2, "tag", "restored");
    await Promise.all(Array.from({ length: 9 }, (_, i) => say(ann, id, `${i}`)));
    const clock = await readClock(chat);
    expect(clock).toMatchObject({ epoch: expect.not.stringMatching(old.epoch), n: expect.toSatisfy((n) => n > old.n) });
    const { stanzas } = await ask(ben, ben.at ?? old);
    expect(stanzas[0].resync).toMatchObject({ reason: "epoch", threads: [{ id }] });
    await trust();
  });

  it("a token made on a log that went back starts in the new epoch", async () => {
    const { ben } = people();
    const old = await readClock(chat);
    await redis("HSET", keys.clock, "n", old.n - 2, "tag", "restored");
    const made = await token.create(chat, { actor: ben.caller.actor, expires: Date.now() + 60_000 }, Date.now());
    const { epoch, n } = await readClock(chat);
    expect([epoch !== old.epoch, made.cursor]).toEqual([true, formatCursor({ epoch, n })]);
    await trust();
  });

  it("another event with a number that the tail knows starts one new epoch, however many lines show it", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    for (const text of ["one", "two", "three"]) await say(ann, id, text);
    await ben.hear();
    const { epoch, n } = await readClock(chat);
    const epochs = new Set<string>();
    for (const i of [2, 1, 0]) await redis("PUBLISH", keys.wire, `1 ${epoch} ${n - i} other post x ${id} {}`);
    for (let i = 0; i < 20; i++) {
      epochs.add((await readClock(chat)).epoch);
      await sleep(30);
    }
    epochs.delete(epoch);
    expect(epochs.size).toBe(1);
    await trust();
  });

  it("a store that was emptied begins a new epoch, and every cursor can be continued", async () => {
    const { ben } = people();
    const old = await readClock(chat);
    await redis("DEL", keys.clock);
    const { cursor, stanzas } = await ask(ben, { epoch: old.epoch, n: 0 });
    expect(stanzas).toEqual([{ type: "resync", resync: { reason: "epoch", threads: [] } }]);
    expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
    await trust();
    expect((await ask(ben, cursor)).stanzas).toEqual([]);
  });

  it("an emptied clock starts a new epoch above everything there was", async () => {
    const old = await readClock(chat);
    await redis("DEL", keys.clock);
    const epoch = await newEpoch(old.epoch);
    expect(await readClock(chat)).toMatchObject({ epoch, n: expect.toSatisfy((n) => n > old.n) });
  });

  it("making a token is no fork", async () => {
    const { ben } = people();
    const { epoch } = await readClock(chat);
    for (let i = 0; i < 3; i++) {
      await token.create(chat, { actor: ben.caller.actor, expires: Date.now() + 60_000 }, Date.now());
      await ben.hear();
    }
    expect((await readClock(chat)).epoch).toBe(epoch);
  });
});
