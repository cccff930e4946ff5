import fc from "fast-check";
import { v4 as uuid } from "uuid";
import { change } from "../../lib/chat/thread-admin.js";
import { NAMES, type Name, type World } from "./world.js";

type Step = (world: World) => Promise<void>;
type Action = fc.AsyncCommand<World, World>;

/** Makes an action of a step; afterwards, the held polls that it concerns have been answered. */
function action(name: string, step: Step): Action {
  return {
    check: () => true,
    run: async (world) => {
      await step(world);
      await world.settle();
    },
    toString: () => name,
  };
}

function expect<Value>(got: Value, wanted: Value): void {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) throw new Error(`Got ${JSON.stringify(got)}, not ${wanted}`);
}

const who = fc.constantFrom(...NAMES);
const other = fc.constantFrom("ben", "cid", "dan");
const room = fc.integer({ min: 0, max: 1 });
const nth = fc.nat(1_000);
const limit = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(100));
// A message needs something visible.
const text = fc.string({ unit: "grapheme", maxLength: 20 }).map((it) => `.${it}`);

/** Picks an item of a list by any number. */
function pick<Item>(items: readonly Item[], nth: number): Item | undefined {
  return items[nth % Math.max(1, items.length)];
}

// Ann makes every room and stays: an owner who leaves would hand it over.
async function say(world: World, anyone: Name, thread: string, words: string, named: boolean): Promise<void> {
  const id = uuid();
  const known = world.model.rooms.has(thread);
  const who = known ? anyone : "ann";
  const to = named || !known ? { to: [world.id("ben"), world.id("cid")] } : {};
  const result = await world.say(who, { id, text: words, thread, ...to });
  if (known && !world.model.isMember(thread, who)) return expect(result, "thread_not_found");
  const reachesAll = (["ben", "cid"] as const).every((it) => world.model.isMember(thread, it));
  if (known && named && !reachesAll) return expect(result, "thread_conflict");
  if (typeof result === "string") throw new Error(`${who} could not say it: ${result}`);
  const n = await world.tip(thread);
  if (!known) world.model.make(thread, ["ann", "ben", "cid"], n - 1);
  expect(result.seq, world.model.say(thread, who, n));
  world.sent.push({ who, id, thread, text: words, seq: result.seq, timestamp: result.timestamp });
}

async function sayDirect(world: World, who: Name, to: Name, words: string): Promise<void> {
  const id = uuid();
  const result = await world.say(who, { id, text: words, to: [world.id(to)] });
  if (typeof result === "string") throw new Error(`${who} could not say it to ${to}: ${result}`);
  const { thread, seq, timestamp } = result;
  const n = await world.tip(thread);
  if (!world.model.rooms.has(thread)) world.model.make(thread, [...new Set([who, to])], n - 1);
  expect(seq, world.model.say(thread, who, n));
  world.sent.push({ who, id, thread, text: words, seq, timestamp });
}

/** Sends a message again: by the same or another sender, with the same text or another. */
async function again(world: World, nth: number, by: Name | undefined, twist: string): Promise<void> {
  const first = pick(world.sent, nth);
  if (first === undefined) return;
  const sender = by ?? first.who;
  const { id, thread } = first;
  const result = await world.say(sender, { id, thread, text: first.text + twist });
  if (!world.model.isMember(thread, sender)) return expect(result, "thread_not_found");
  if (sender !== first.who || twist !== "") return expect(result, "id_conflict");
  if (typeof result === "string") throw new Error(`It was refused when it was sent again: ${result}`);
  expect([result.seq, result.timestamp, result.duplicate], [first.seq, first.timestamp, true]);
}

async function ask(world: World, who: Name, limit: number, lost: boolean): Promise<void> {
  const cursor = await world.ask(who, world.cursors[who].at(-1), limit);
  if (!lost) world.cursors[who].push(cursor);
}

async function askBare(world: World, who: Name, limit: number): Promise<void> {
  world.bare[who] = await world.ask(who, undefined, limit);
}

async function move(world: World, thread: string, what: "add" | "remove", someone: Name, by: Name): Promise<void> {
  const [mayDo, isIn] = [world.model.isMember(thread, by), world.model.isMember(thread, someone)];
  if (!mayDo || (what === "add") === isIn) return;
  await change(world.chat, world.caller(by), thread, { [what]: [world.id(someone)] }, Date.now());
  const n = await world.tip(thread);
  if (what === "add") world.model.join(thread, someone, n);
  else world.model.leave(thread, someone, n);
}

/** Everything that may happen, weighted by repetition. */
export const ACTIONS: fc.Arbitrary<Action>[] = [
  ...Array(3).fill(
    fc
      .tuple(who, room, text, fc.boolean())
      .map(([a, i, words, named]) =>
        action(`${a} says it in ${i}${named ? " to ben and cid" : ""}`, (it) => say(it, a, it.room(i), words, named)),
      ),
  ),
  fc.tuple(who, who, text).map(([a, b, words]) => action(`${a} says it to ${b}`, (it) => sayDirect(it, a, b, words))),
  nth.map((i) => action(`${i} is sent again`, (it) => again(it, i, undefined, ""))),
  fc.tuple(nth, who).map(([i, a]) => action(`${i} is sent again by ${a}`, (it) => again(it, i, a, ""))),
  nth.map((i) => action(`${i} is sent again, but not the same`, (it) => again(it, i, undefined, "!"))),
  ...Array(3).fill(
    fc
      .tuple(who, limit, fc.boolean())
      .map(([a, max, lost]) =>
        action(`${a} asks for ${max}${lost ? ", the answer is lost" : ""}`, (it) => ask(it, a, max, lost)),
      ),
  ),
  fc.tuple(who, limit).map(([a, max]) => action(`${a} asks without a cursor for ${max}`, (it) => askBare(it, a, max))),
  fc
    .tuple(who, nth, limit)
    .map(([a, i, max]) =>
      action(
        `${a} asks with old cursor ${i} for ${max}`,
        async (it) => void (await it.ask(a, pick(it.cursors[a], i), max)),
      ),
    ),
  fc.tuple(who, nth).map(([a, i]) =>
    action(`${a} waits`, async (it) => {
      const at = it.cursors[a].at(-1) ?? i;
      if (!it.model.awaits(a, at)) it.hold(a, at);
    }),
  ),
  fc.tuple(room, other).map(([i, a]) => action(`ann adds ${a} to ${i}`, (it) => move(it, it.room(i), "add", a, "ann"))),
  fc
    .tuple(room, other)
    .map(([i, a]) => action(`ann kicks ${a} out of ${i}`, (it) => move(it, it.room(i), "remove", a, "ann"))),
  fc.tuple(room, other).map(([i, a]) => action(`${a} leaves ${i}`, (it) => move(it, it.room(i), "remove", a, a))),
  fc.constant(action("the tail forgets everything", async (it) => it.chat.tail.reset("test"))),
];

// A delivery log is trimmed by whole nodes of the stream, so it may keep 100 events more than 256.
const FLOOD = 380;
const AT_ONCE = 20;

/** Sends so many messages to a room that its delivery log is trimmed, and resets the tail. */
export async function flood(world: World, thread: string): Promise<void> {
  await say(world, "ann", thread, "0", false);
  for (let i = 0; i < FLOOD; i += AT_ONCE) {
    const before = await world.tip(thread);
    const sent = await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, j) => {
        const message = { id: uuid(), thread, text: `${i + j}` };
        const result = await world.say("ann", message);
        if (typeof result === "string") throw new Error(`ann could not say it: ${result}`);
        return { who: "ann" as const, ...message, seq: result.seq, timestamp: result.timestamp };
      }),
    );
    sent.sort((a, b) => a.seq - b.seq);
    const events = await world.eventsAfter(thread, before);
    expect(events.length, sent.length);
    for (const [j, n] of events.entries()) expect(sent[j]?.seq, world.model.say(thread, "ann", n));
    world.sent.push(...sent);
  }
  world.chat.tail.reset("test");
}
