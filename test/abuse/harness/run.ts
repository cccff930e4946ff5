import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { Chance } from "../../faults/chance.js";
import { type Arena, arena, type Usage } from "./arena.js";
import type { Order } from "./gang.js";
import { Honest, type Seen } from "./honest.js";
import type { Aims, Tally } from "./hostile.js";

export type Plan = {
  seed: number;
  seconds: number;
  users: number;
  addresses: number;
  /** Hostile ones, at most. */
  guests: number;
  only: string;
  warmUp: number;
  calm: number;
};

/** One phase: what honest users saw, and what the store did, each second. */
export type Phase = { seen: Seen; seconds: number; commands: number; bytes: number };

export type Result = { calm: Phase; hostile: Phase; tally: Tally; crash: string | undefined };

const Tallies = v.array(v.record(v.string(), v.record(v.string(), v.number())));

/** Lets honest users chat, first among themselves, then among hostile guests. */
export async function run(plan: Plan): Promise<Result> {
  const chance = new Chance(plan.seed);
  const place = await arena();
  const honest = new Honest(place.url, plan.users, chance);
  try {
    await honest.begin();
    await sleep(plan.warmUp * 1_000);
    const calm = await phase(place, honest, () => sleep(plan.calm * 1_000));
    const others = honest.names.filter((it) => !honest.desks.includes(it));
    const aims = { desks: honest.desks, others, rooms: honest.rooms };
    let tally: Tally = {};
    const hostile = await phase(place, honest, async () => {
      tally = await rage(place.url, plan, aims, chance.whole(0, 2 ** 31));
    });
    await honest.end();
    hostile.seen.wrong.push(...honest.turn().wrong);
    return { calm, hostile, tally, crash: place.crash() };
  } finally {
    await place.stop();
  }
}

async function phase(place: Arena, honest: Honest, action: () => Promise<unknown>): Promise<Phase> {
  const before = await place.usage();
  honest.turn();
  await action();
  const after = await place.usage();
  return { seen: honest.turn(), ...each(before, after) };
}

function each(before: Usage, after: Usage): Omit<Phase, "seen"> {
  const seconds = (after.at - before.at) / 1_000;
  return { seconds, commands: after.commands - before.commands, bytes: after.bytes - before.bytes };
}

async function rage(url: string, { seconds, addresses, guests, only }: Plan, aims: Aims, seed: number): Promise<Tally> {
  const child = fork(fileURLToPath(new URL("gang.js", import.meta.url)), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  const order: Order = {
    ...{ url, seed, only, guests: Math.ceil(guests / addresses), ms: seconds * 1_000 },
    addresses: Array.from({ length: addresses }, (_, i) => `127.0.0.${i + 2}`),
    aims: { desks: [...aims.desks], others: [...aims.others], rooms: [...aims.rooms] },
  };
  child.send(order);
  const [tallies] = await Promise.race([once(child, "message"), ended(once(child, "exit"))]);
  return sum(v.parse(Tallies, tallies));
}

async function ended(exit: Promise<unknown[]>): Promise<never> {
  throw new Error(`The hostile guests ended by themselves: ${await exit}`);
}

function sum(tallies: readonly Tally[]): Tally {
  const all: Tally = {};
  for (const [name, counts] of tallies.flatMap((it) => Object.entries(it))) {
    const mine = all[name] ?? {};
    all[name] = mine;
    for (const [status, n] of Object.entries(counts)) mine[Number(status)] = (mine[Number(status)] ?? 0) + n;
  }
  return all;
}
