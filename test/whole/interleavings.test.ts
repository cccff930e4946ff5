import { randomBytes } from "node:crypto";
import fc from "fast-check";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Checker } from "../faults/checker.js";
import { tell } from "../faults/telling.js";
import { type Gate, gate } from "../support/gate.js";
import { type InProcess, inProcess } from "../support/in-process.js";
import type { Reply } from "../support/site.js";

// Two instances, and between each of them and the store a gate: fast-check draws which of them takes its next step, one step at a time.
// The checker of the fault tests compares what is delivered with what is promised.

const store = inject("bridge") ?? { url: "http://127.0.0.1:1", token: "" };
let gates: Gate[];
let instances: InProcess[];
beforeAll(async () => {
  gates = [await gate(store.url), await gate(store.url)];
  instances = gates.map((it) => inProcess({ redisUrl: it.url }));
});
afterAll(async () => {
  await Promise.all(instances.map((it) => it.stop()));
  for (const it of gates) it.stop();
});

// `RACE_SECONDS=600 npx vitest run test/whole/interleavings.test.ts` searches longer.
const SECONDS = Number(process.env.RACE_SECONDS ?? 5);

const NAMES = ["ann", "ben", "cid"] as const;
type Name = (typeof NAMES)[number];
type Person = { entity: string; token: string; cursor: string; ids: string[]; reading: Promise<unknown> };

const Results = v.object({ results: v.tuple([v.looseObject({ type: v.string() })]) });
const Sent = v.object({
  id: v.string(),
  thread: v.string(),
  seq: v.number(),
  duplicate: v.optional(v.boolean(), false),
});
const Answer = v.object({
  prev: v.string(),
  cursor: v.string(),
  stanzas: v.array(v.unknown()),
  more: v.optional(v.boolean(), false),
});
const Page = v.object({
  messages: v.array(v.object({ seq: v.number(), id: v.string() })),
  first: v.number(),
  last: v.number(),
});
const Thread = v.object({ seq: v.number(), members: v.array(v.object({ entity: v.string() })) });

/** Three users, a room of theirs, and what is delivered to them. */
class World {
  readonly checker = new Checker();
  readonly people = new Map<Name, Person>();
  readonly room = `room-${randomBytes(6).toString("hex")}`;
  /** The direct threads of ann and ben, of which there must be one. */
  readonly direct = new Set<string>();
  #r = 0;

  async begin(): Promise<this> {
    for (const name of NAMES) {
      const made = await at(0).token(`${name},${this.room}`);
      const ids = [crypto.randomUUID(), crypto.randomUUID()];
      this.people.set(name, { ...made, ids, reading: Promise.resolve() });
      this.checker.take({ e: "open", at: Date.now(), chain: `${name}/1`, who: made.entity, bare: false });
    }
    const members = NAMES.map((name) => this.who(name).entity);
    await this.call(0, "ann", "POST", "threads", { kind: "room", id: this.room, members });
    // Both instances have everybody in their caches then, which may be wrong later.
    for (const instance of [0, 1]) for (const name of NAMES) await this.poll(instance, name);
    return this;
  }

  who(name: Name): Person {
    const person = this.people.get(name);
    if (person === undefined) throw new Error(`There is no user ${name}`);
    return person;
  }

  async call(
    instance: number,
    name: Name,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Reply & { asked: Asked }> {
    const began = Date.now();
    const headers = { authorization: `Bearer ${this.who(name).token}` };
    const reply = await at(instance).call(method, path, { headers, ...(body === undefined ? {} : { body }) });
    if (reply.status >= 500) throw new Error(`${reply.status} ${reply.text}`);
    return { ...reply, asked: { r: ++this.#r, via: `instance ${instance}`, began, at: Date.now() } };
  }

  /** Sends one stanza, possibly one that was sent before. */
  async send(instance: number, name: Name, type: string, payload: object): Promise<void> {
    const { json, status, asked } = await this.call(instance, name, "POST", "send", { type, [type]: payload });
    if (type !== "message" || status !== 200) return;
    const sent = v.parse(Sent, v.parse(Results, json).results[0]);
    if (sent.thread !== this.room) this.direct.add(sent.thread);
    this.checker.take({ e: "sent", ...asked, who: this.who(name).entity, ...sent });
  }

  /** Polls, after the poll under way; returns how many stanzas came. */
  async poll(instance: number, name: Name): Promise<number> {
    const who = this.who(name);
    const polled = who.reading.then(async () => {
      const { json, asked } = await this.call(instance, name, "GET", `stream?wait=0&cursor=${who.cursor}`);
      const { prev, cursor, stanzas, more } = v.parse(Answer, json);
      const told = { chain: `${name}/1`, wait: 0, limit: 100, prev, cursor, more, stanzas: stanzas.map(tell) };
      this.checker.take({ e: "answer", ...asked, ...told });
      who.cursor = cursor;
      return stanzas.length;
    });
    who.reading = polled.catch(() => undefined);
    return polled;
  }

  /** Lets every user read to the end, and returns the broken promises. */
  async end(): Promise<string[]> {
    for (const instance of [0, 1]) for (const name of NAMES) while ((await this.poll(instance, name)) > 0);
    for (const thread of [this.room, ...this.direct]) {
      const { seq, members } = v.parse(Thread, (await this.call(1, "ann", "GET", `threads/${thread}`)).json);
      const page = await this.call(1, "ann", "GET", `threads/${thread}/messages?after=0`);
      const { messages, first } = v.parse(Page, page.json);
      const entities = members.map((it) => it.entity);
      this.checker.take({ e: "kept", at: Date.now(), thread, seq, first, messages, members: entities });
    }
    const broken = this.checker.violations.map((it) => `${it.rule}: ${it.who} in ${it.thread}: ${it.what}`);
    return this.direct.size > 1 ? [...broken, `direct threads: ${[...this.direct]}`] : broken;
  }
}

type Asked = { r: number; via: string; began: number; at: number };
type Step = { name: string; run(world: World): Promise<unknown> };

function at(instance: number): InProcess {
  const found = instances[instance];
  if (found === undefined) throw new Error(`There is no instance ${instance}`);
  return found;
}

const instance = fc.integer({ min: 0, max: 1 });
const anyone = fc.constantFrom(...NAMES);
const other = fc.constantFrom<Name>("ben", "cid");
const nth = fc.integer({ min: 0, max: 1 });
const act = (name: string, run: Step["run"]): Step => ({ name, run });
const pick = (world: World, who: Name, i: number) => world.who(who).ids[i] ?? "";

/** What may happen concurrently; ann owns the room and stays. */
const STEPS: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(anyone, nth, instance).map(([who, i, on]) =>
    act(`${who} says ${i} on ${on}`, (it) => {
      const id = pick(it, who, i);
      return it.send(on, who, "message", { thread: it.room, id, text: `${id} hello` });
    }),
  ),
  fc.tuple(fc.constantFrom<Name>("ann", "ben"), instance).map(([who, on]) =>
    act(`${who} writes to the other on ${on}`, (it) => {
      const id = pick(it, who, 0);
      const to = [it.who(who === "ann" ? "ben" : "ann").entity];
      return it.send(on, who, "message", { to, id, text: `${id} hello` });
    }),
  ),
  fc.tuple(anyone, instance).map(([who, on]) => act(`${who} reads on ${on}`, (it) => it.poll(on, who))),
  fc.tuple(anyone, instance).map(([who, on]) => act(`${who} reads on ${on}`, (it) => it.poll(on, who))),
  fc
    .tuple(other, fc.constantFrom("add", "remove"), instance)
    .map(([who, what, on]) =>
      act(`ann ${what}s ${who} on ${on}`, (it) =>
        it.call(on, "ann", "PATCH", `threads/${it.room}`, { [what]: [it.who(who).entity] }),
      ),
    ),
  fc
    .tuple(other, instance)
    .map(([who, on]) =>
      act(`${who} leaves on ${on}`, (it) =>
        it.call(on, who, "PATCH", `threads/${it.room}`, { remove: [it.who(who).entity] }),
      ),
    ),
  fc.tuple(anyone, anyone, nth, instance).map(([who, whose, i, on]) =>
    act(`${who} corrects ${i} of ${whose} on ${on}`, (it) => {
      const id = pick(it, whose, i);
      return it.send(on, who, "edit", { thread: it.room, id, text: `${id} corrected by ${who}` });
    }),
  ),
  fc
    .tuple(anyone, fc.nat(3), instance)
    .map(([who, seq, on]) =>
      act(`${who} has read ${seq} on ${on}`, (it) => it.send(on, who, "receipt", { thread: it.room, seq })),
    ),
);

// fast-check prints the seed and path of a failure, which repeat it. No story begins when time is up.
describe("order, no loss, no duplicates, idempotent, isolation, between two instances:", () => {
  it(
    "however their steps are interleaved",
    async () => {
      const until = Date.now() + SECONDS * 1_000;
      const stories = fc.array(
        STEPS.map((it) => Object.assign(it, { [fc.toStringMethod]: () => it.name })),
        {
          minLength: 2,
          maxLength: 8,
        },
      );
      const property = fc.asyncProperty(fc.scheduler(), stories, async (scheduler, story) => {
        if (Date.now() > until) return;
        const world = await new World().begin();
        for (const [i, it] of gates.entries())
          it.pace((step) => scheduler.schedule(Promise.resolve(), `instance ${i} ${step}`));
        await scheduler.waitFor(Promise.all(story.map((it) => it.run(world))));
        for (const it of gates) it.pace(undefined);
        await scheduler.waitIdle();
        expect(await world.end()).toEqual([]);
      });
      await fc.assert(property, { numRuns: SECONDS * 100 });
    },
    SECONDS * 1_000 + 120_000,
  );
});
