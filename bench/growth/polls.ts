import { setTimeout as sleep } from "node:timers/promises";
import { chat } from "../support/chat.js";
import { cost, memory } from "../support/meter.js";
import type { Person } from "../support/subject.js";
import type { Curve } from "./curve.js";

const SIZES = [100, 1_000, 3_000, 10_000];
const STEP = 50;

/** Held polls a process, all of one room, and one message to all of them. */
export async function polls(): Promise<Curve[]> {
  const kb: Curve = { what: "held polls a process: memory each", unit: "kB", points: [] };
  const cpu: Curve = { what: "held polls a process: CPU of a wake, each", unit: "µs", points: [] };
  const wake: Curve = { what: "held polls a process: until all are answered", unit: "ms", points: [] };
  for (const size of SIZES) {
    const found = await measure(size);
    kb.points.push({ at: size, value: found.kb });
    cpu.points.push({ at: size, value: found.us });
    wake.points.push({ at: size, value: found.ms });
  }
  return [kb, cpu, wake];
}

async function measure(size: number) {
  const server = await chat();
  let heard = 0;
  const first = await server.connect("first", () => undefined);
  // A room has at most 10,000 members.
  const room = await first.gather(Array.from({ length: size - 1 }, (_, i) => `member.${i}`));
  await sleep(1_000);
  const before = await memory(server.pids.server);
  const people: Person[] = [];
  for (let at = 0; at < size - 1; at += STEP) {
    const some = Array.from({ length: Math.min(STEP, size - 1 - at) }, (_, i) => `member.${at + i}`);
    people.push(...(await Promise.all(some.map((name) => server.connect(name, () => heard++)))));
  }
  await sleep(5_000);
  const kb = ((await memory(server.pids.server)).rss - before.rss) / size;
  let ms = 0;
  const spent = await cost(server, async () => {
    const begun = performance.now();
    await first.say({ room }, "Hello, everybody");
    while (heard < size - 1) await sleep(1);
    ms = performance.now() - begun;
  });
  for (const person of [first, ...people]) person.close();
  await server.stop();
  return { kb, ms, us: spent.cpu.server / size };
}
