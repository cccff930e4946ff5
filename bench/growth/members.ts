import { setTimeout as sleep } from "node:timers/promises";
import { chat } from "../support/chat.js";
import { cost } from "../support/meter.js";
import { quantile } from "../support/site.js";
import type { Curve } from "./curve.js";

const SIZES = [2, 10, 100, 1_000, 10_000];
const SENDS = 100;

/** Members of a room, of whom one is there: what a message to it takes until it is acknowledged. */
export async function members(): Promise<Curve[]> {
  const ms: Curve = { what: "members of a room: a send", unit: "ms", points: [] };
  const cpu: Curve = { what: "members of a room: CPU of a send, all processes", unit: "µs", points: [] };
  const commands: Curve = { what: "members of a room: a send", unit: "commands", points: [] };
  const server = await chat();
  const first = await server.connect("first", () => undefined);
  const rooms: { size: number; id: string }[] = [];
  for (const size of SIZES) {
    const id = await first.gather(Array.from({ length: size - 1 }, (_, i) => `member.${i}`));
    rooms.push({ size, id });
  }
  const say = (room: string) => first.say({ room }, "Hello, everybody".padEnd(100, "."));
  for (const { id } of rooms) for (let i = 0; i < SENDS; i++) await say(id);
  for (const { size, id } of rooms) {
    const times: number[] = [];
    const spent = await cost(server, async () => {
      for (let i = 0; i < SENDS; i++) {
        const begun = performance.now();
        await say(id);
        times.push(performance.now() - begun);
        await sleep(5);
      }
    });
    ms.points.push({ at: size, value: quantile(times, 0.5) });
    cpu.points.push({ at: size, value: (spent.cpu.server + spent.cpu.bridge + spent.cpu.redis) / SENDS });
    commands.points.push({ at: size, value: spent.billed / SENDS });
  }
  first.close();
  await server.stop();
  return [ms, cpu, commands];
}
