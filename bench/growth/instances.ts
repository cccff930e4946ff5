import { setTimeout as sleep } from "node:timers/promises";
import { backend } from "../support/backend.js";
import { chat } from "../support/chat.js";
import { cpu } from "../support/meter.js";
import type { Subject } from "../support/subject.js";
import type { Curve } from "./curve.js";

const SIZES = [1, 2, 4, 8];
const MS = 6_000;

/** Instances on one wire, each with somebody who waits, while two people talk at one of them: what an event costs each of the others. */
export async function instances(): Promise<Curve[]> {
  const us: Curve = {
    what: "instances on one wire: CPU of an event that concerns nobody there",
    unit: "µs",
    points: [],
  };
  const store = await backend();
  const busy = await chat({}, store);
  const ben = await busy.connect("ben", () => undefined);
  const ann = await busy.connect("ann", () => undefined);
  const people = [ann, ben];
  const others: Subject[] = [];
  for (const size of SIZES) {
    while (others.length < size) {
      const other = await chat({}, store);
      people.push(await other.connect(`waiting.${others.length}`, () => undefined));
      others.push(other);
    }
    const talk = async () => {
      let events = 0;
      for (const until = performance.now() + MS; performance.now() < until; events++) {
        await ann.say({ person: ben.id }, "Hello, Ben".padEnd(100, "."));
      }
      return events;
    };
    await talk();
    // What an instance costs anyhow is taken off.
    const [quiet, loud] = [await spent(others, () => sleep(MS)), { events: 0, us: 0 }];
    loud.us = await spent(others, async () => {
      loud.events = await talk();
    });
    us.points.push({ at: size, value: (loud.us - quiet) / loud.events / size });
  }
  for (const person of people) person.close();
  for (const subject of [busy, ...others]) await subject.stop();
  await store.stop();
  return [us];
}

async function spent(subjects: readonly Subject[], deed: () => Promise<unknown>): Promise<number> {
  const all = async () => {
    const each = await Promise.all(subjects.map(({ pids }) => cpu(pids.server)));
    return each.reduce((sum, it) => sum + it, 0);
  };
  const before = await all();
  await deed();
  return (await all()) - before;
}
