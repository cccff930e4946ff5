import * as v from "valibot";
import { Chance } from "../../faults/chance.js";
import { Hostile } from "./hostile.js";

// The program that hostile guests run in: what they do must not slow down the clients of those who are measured.

const Order = v.object({
  url: v.string(),
  seed: v.number(),
  ms: v.number(),
  addresses: v.array(v.string()),
  only: v.string(),
  /** At most so many guests of each address. */
  guests: v.number(),
  aims: v.object({ desks: v.array(v.string()), others: v.array(v.string()), rooms: v.array(v.string()) }),
});
export type Order = v.InferOutput<typeof Order>;

process.once("message", async (sent) => {
  const { url, seed, ms, addresses, only, guests, aims } = v.parse(Order, sent);
  const chance = new Chance(seed);
  const over = AbortSignal.timeout(ms);
  const gangs = addresses.map((it) => new Hostile(url, it, aims, { only, guests }, chance.branch(), over));
  await Promise.all(gangs.map((it) => it.rage()));
  process.send?.(gangs.map(({ tally }) => tally));
  process.disconnect();
  process.exit();
});
