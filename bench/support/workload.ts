import { setTimeout as sleep } from "node:timers/promises";
import { type Cost, cost, memory } from "./meter.js";
import { quantile } from "./site.js";
import type { Person, Subject } from "./subject.js";

// What is measured, on whatever carries messages. Every text is 100 bytes long, and says which message it is.

/** What a workload shows: times in ms from the send until the text was heard, and the cost of each delivery. */
export type Result = { times: number[]; deliveries: number; seconds: number; cost: Cost };

const text = (name: string, i: number) => `${name}:${i}:`.padEnd(100, ".");
let runs = 0;

/** One to one: as many messages as told, 20 a second, whether or not the one before has arrived. */
export async function oneToOne(subject: Subject, messages: number): Promise<Result> {
  const heard = new Arrivals();
  const run = ++runs;
  const ann = await subject.connect(`ann.${run}`, () => undefined);
  const ben = await subject.connect(`ben.${run}`, heard.take);
  await sleep(200);
  for (let i = 0; i < 10; i++) await ann.say({ person: ben.id }, text("warm", i)).then(() => sleep(20));
  const spent = await cost(subject, async () => {
    const begun = performance.now();
    for (let i = 0; i < messages; i++) {
      await sleep(begun + i * 50 - performance.now());
      void ann.say({ person: ben.id }, heard.send(text("one", i)));
    }
    await heard.all();
  });
  return finish([ann, ben], heard, spent);
}

/** Twenty pairs, each of which says the next thing when the last was acknowledged. */
export async function pairs(subject: Subject, ms: number): Promise<Result> {
  const heard = new Arrivals();
  const run = ++runs;
  const couples = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const ann = await subject.connect(`ann.${run}.${i}`, () => undefined);
      return { ann, ben: await subject.connect(`ben.${run}.${i}`, heard.take), name: `pair ${i}` };
    }),
  );
  const talk = async (until: number) => {
    const talks = couples.map(async ({ ann, ben, name }) => {
      for (let i = 0; performance.now() < until; i++)
        await ann.say({ person: ben.id }, heard.send(text(`${name} ${until}`, i)));
    });
    await Promise.all(talks);
  };
  await talk(performance.now() + ms / 4);
  await heard.all();
  heard.forget();
  const spent = await cost(subject, async () => {
    await talk(performance.now() + ms);
    await heard.all();
  });
  return finish(
    couples.flatMap(({ ann, ben }) => [ann, ben]),
    heard,
    spent,
  );
}

/** One room: all its members hear the first one say something, five times a second. */
export async function room(subject: Subject, members: number, messages: number): Promise<Result> {
  const heard = new Arrivals(members);
  const run = ++runs;
  const people: Person[] = [];
  for (let i = 0; i < members; i++) people.push(await subject.connect(`member.${run}.${i}`, heard.take));
  const [first, ...others] = people;
  if (first === undefined) throw new Error("Cannot measure without people");
  const id = await first.gather(others.map((it) => it.id));
  for (const person of people) person.join(id);
  await sleep(500);
  for (let i = 0; i < 3; i++) await first.say({ room: id }, heard.send(text("warm", i)));
  await heard.all();
  heard.forget();
  const spent = await cost(subject, async () => {
    const begun = performance.now();
    for (let i = 0; i < messages; i++) {
      await sleep(begun + i * 200 - performance.now());
      void first.say({ room: id }, heard.send(text("room", i)));
    }
    await heard.all();
  });
  return finish(people, heard, spent);
}

/** What one client more takes of the server's memory, in kB, and what all together cost while nothing is said. */
export async function idle(subject: Subject, clients: number, ms: number): Promise<{ kb: number; cost: Cost }> {
  const people = [await subject.connect("early", () => undefined)];
  await sleep(1_000);
  const before = await memory(subject.pids.server);
  for (let at = 0; at < clients; at += 20) {
    const some = Array.from({ length: Math.min(20, clients - at) }, (_, i) => at + i);
    people.push(...(await Promise.all(some.map((i) => subject.connect(`idle.${i}`, () => undefined)))));
  }
  await sleep(2_000);
  const spent = await cost(subject, () => sleep(ms));
  const after = await memory(subject.pids.server);
  for (const person of people) person.close();
  return { kb: (after.rss - before.rss) / clients, cost: spent };
}

function finish(people: readonly Person[], heard: Arrivals, spent: Cost): Result {
  for (const person of people) person.close();
  return { times: heard.times, deliveries: heard.times.length, seconds: spent.ms / 1_000, cost: spent };
}

// Whoever has not heard by then lost something: no number is worth anything then.
const PATIENCE_MS = 10_000;

/** When each text was sent, and how long it took to everybody who was to hear it. */
class Arrivals {
  times: number[] = [];
  readonly #listeners: number;
  readonly #sent = new Map<string, { at: number; left: number }>();

  constructor(listeners = 1) {
    this.#listeners = listeners;
  }

  send(said: string): string {
    this.#sent.set(said, { at: performance.now(), left: this.#listeners });
    return said;
  }

  readonly take = (said: string): void => {
    const sent = this.#sent.get(said);
    if (sent === undefined) return;
    this.times.push(performance.now() - sent.at);
    if (--sent.left === 0) this.#sent.delete(said);
  };

  async all(): Promise<void> {
    for (const until = performance.now() + PATIENCE_MS; this.#sent.size > 0; await sleep(5))
      if (performance.now() > until) throw new Error(`Cannot count this: ${this.#sent.size} messages were not heard`);
  }

  forget(): void {
    this.times = [];
  }
}

/** A result in numbers to compare: smaller is better, but for `rate`. */
export function figures({ times, deliveries, seconds, cost: { cpu, billed, requests } }: Result) {
  const us = (cpu.server + cpu.bridge + cpu.redis) / deliveries;
  return {
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    rate: deliveries / seconds,
    us,
    serverUs: cpu.server / deliveries,
    commands: billed / deliveries,
    requests: requests / deliveries,
  };
}
