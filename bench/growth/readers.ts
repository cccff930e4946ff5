import { setTimeout as sleep } from "node:timers/promises";
import { liveChat } from "../support/chat.js";
import { cost, memory } from "../support/meter.js";
import { PROBE } from "../support/site.js";
import type { Person } from "../support/subject.js";
import type { Curve } from "./curve.js";

const SIZES = [1_000, 3_000, 10_000];
const STEP = 50;

/** Event streams that one process holds open, all of one room, and one message to all of them. */
export async function readers(): Promise<Curve[]> {
  const heap: Curve = { what: "live readers a process: heap each (aim: 12)", unit: "kB", points: [] };
  const kb: Curve = { what: "live readers a process: memory each", unit: "kB", points: [] };
  const cpu: Curve = { what: "live readers a process: CPU of a message, each", unit: "µs", points: [] };
  const written: Curve = {
    what: "live readers a process: until all have a message (aim: 1,000)",
    unit: "ms",
    points: [],
  };
  for (const size of SIZES) {
    const found = await measure(size);
    heap.points.push({ at: size, value: found.heap });
    kb.points.push({ at: size, value: found.kb });
    cpu.points.push({ at: size, value: found.us });
    written.points.push({ at: size, value: found.ms });
  }
  return [heap, kb, cpu, written];
}

async function measure(size: number) {
  const server = await liveChat({ flags: PROBE });
  let heard = 0;
  const first = await server.connect("first", () => undefined);
  // A room has at most 10,000 members.
  const room = await first.gather(Array.from({ length: size - 1 }, (_, i) => `member.${i}`));
  await sleep(1_000);
  const before = { ...(await memory(server.pids.server)), ...(await server.sample()) };
  const people: Person[] = [];
  for (let at = 0; at < size - 1; at += STEP) {
    const some = Array.from({ length: Math.min(STEP, size - 1 - at) }, (_, i) => `member.${at + i}`);
    people.push(...(await Promise.all(some.map((name) => server.connect(name, () => heard++)))));
  }
  await sleep(5_000);
  const kb = ((await memory(server.pids.server)).rss - before.rss) / size;
  const heap = (((await server.sample()).heap - before.heap) * 1_024) / size;
  // The first message finds code that nothing has compiled yet.
  for (let i = 1; i < 3; i++) await say(i);
  let ms = 0;
  const spent = await cost(server, async () => {
    const begun = performance.now();
    await say(3);
    ms = performance.now() - begun;
  });
  for (const person of [first, ...people]) person.close();
  await server.stop();
  return { heap, kb, ms, us: spent.cpu.server / size };

  async function say(nth: number): Promise<void> {
    await first.say({ room }, "Hello, everybody");
    while (heard < nth * (size - 1)) await sleep(1);
  }
}
