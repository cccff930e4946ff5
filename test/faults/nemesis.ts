import { setTimeout as sleep } from "node:timers/promises";
import type { Between } from "../support/proxy.js";
import type { Chance } from "./chance.js";
import type { Order } from "./client.js";
import type { Cluster, Node } from "./cluster.js";
import type { Snapshot } from "./store.js";

/** What a nemesis has in hand. */
export type Arena = {
  cluster: Cluster;
  /** Folders of builds that servers are started from. */
  builds: readonly string[];
  users: number;
  /** The kinds of faults to choose from; all if undefined. */
  kinds: readonly string[] | undefined;
  order(order: Order): void;
  began(kind: string, where: string): void;
  ended(kind: string, where: string): void;
  restored(to: number, killed: number, back: number): void;
};

/** What can be broken by one hand at a time. */
type Place = { name: string; held: boolean };

/** What one strike has to do with. */
type Scene = {
  arena: Arena;
  chance: Chance;
  node: Node;
  snapshots: Snapshot[];
  /** Waits so long, or until everything is to be whole again. */
  last(ms: number): Promise<void>;
};

type Fault = {
  kind: string;
  /** How often, against the others. */
  weight: number;
  on: "server" | "near" | "far" | "store" | "client";
  strike(scene: Scene): Promise<void>;
};

// Several things may be broken at once.
const HANDS = 3;
const SUBSCRIBE = /^POST \/subscribe\//;
const COMMAND = /^POST \/(?!subscribe)/;
// What some proxies wait for before they pass anything on.
const BUFFER_BYTES = 4_096;

/** Breaks things at random until it is told to stop; then everything is whole again. */
export async function rage(arena: Arena, chance: Chance, signal: AbortSignal): Promise<void> {
  const places = new Map<string, Place>();
  const place = (name: string): Place => {
    const known = places.get(name) ?? { name, held: false };
    places.set(name, known);
    return known;
  };
  const snapshots: Snapshot[] = [];
  const photographer = photograph(arena, snapshots, chance.branch(), signal);
  const hands = Array.from({ length: HANDS }, () => hand(arena, chance.branch(), place, snapshots, signal));
  await Promise.all([photographer, ...hands]);
}

async function hand(
  arena: Arena,
  chance: Chance,
  place: (name: string) => Place,
  snapshots: Snapshot[],
  signal: AbortSignal,
): Promise<void> {
  const faults = FAULTS.flatMap((it) => Array<Fault>(it.weight).fill(it)).filter(
    (it) => arena.kinds?.includes(it.kind) ?? (it.kind !== "another version" || arena.builds.length > 1),
  );
  const last = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  while (!signal.aborted) {
    await last(chance.between(200, 2_500));
    const [fault, node] = [chance.pick(faults), chance.pick(arena.cluster.nodes)];
    const where = fault.on === "store" || fault.on === "client" ? fault.on : `${fault.on} ${node.name}`;
    // Only what a server remembers can tell that a history forked: so none dies while the store is put back.
    const all = arena.cluster.nodes.map((it) => place(`server ${it.name}`));
    const needed = fault.kind === "restore" ? [place(where), ...all] : [place(where)];
    if (signal.aborted || needed.some((it) => it.held) || (fault.kind === "restore" && snapshots.length === 0))
      continue;
    for (const it of needed) it.held = true;
    const told = fault.on === "near" || fault.on === "server" ? node.name : where;
    arena.began(fault.kind, told);
    await fault.strike({ arena, chance, node, snapshots, last });
    arena.ended(fault.kind, told);
    for (const it of needed) it.held = false;
  }
}

/** Notes older states of the store to come back to. */
async function photograph(arena: Arena, snapshots: Snapshot[], chance: Chance, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    snapshots.push(await arena.cluster.store.snapshot());
    if (snapshots.length > 60) snapshots.shift();
    await sleep(chance.between(100, 3_000), undefined, { signal }).catch(() => undefined);
  }
}

/** Breaks a way for a while, and makes it whole. */
function way(
  on: "near" | "far",
  kind: string,
  weight: number,
  strike: (way: Between, chance: Chance) => void,
  heal: (way: Between) => void,
  [least, most]: [number, number],
): Fault {
  return {
    ...{ on, kind: `${on === "near" ? "client" : "store"} way ${kind}`, weight },
    async strike({ chance, node, last }) {
      strike(node[on], chance);
      await last(chance.between(least, most));
      heal(node[on]);
    },
  };
}

const whole = (it: Between) => {
  it.stall("none");
  it.delay(0);
  it.throttle(0);
  it.lose(0);
  it.swallow(0);
  it.holdBack(0);
  it.curtail(0);
};

// No connection goes on after a gap: TCP would fill it, or give up. The wire alone may lose what is published.
const revive = (on: "near" | "far") => (it: Between) => {
  whole(it);
  if (on === "near") it.cut();
};

/** What a way can suffer from, to a server or from it to the store. */
const ways = (on: "near" | "far"): Fault[] => [
  way(on, "cut", 2, (it) => it.cut(), whole, [0, 50]),
  way(on, "delay", 2, (it, chance) => it.delay(chance.between(30, 900)), whole, [1_000, 6_000]),
  way(on, "throttle", 1, (it, chance) => it.throttle(chance.between(2_000, 50_000)), whole, [1_000, 5_000]),
  way(on, "half-close", 1, (it) => it.halfClose(), whole, [0, 50]),
  way(on, "black hole", 2, (it, chance) => it.stall(chance.pick(["up", "down", "both"])), revive(on), [500, 5_000]),
];

/** Everything that is done to a cluster and its clients. */
const FAULTS: Fault[] = [
  ...ways("near"),
  ...ways("far"),
  // Streams are held open on the way to the clients alone.
  way("near", "buffers streams", 3, (it) => it.holdBack(Number.POSITIVE_INFINITY), whole, [2_000, 15_000]),
  way("near", "holds back streams", 3, (it) => it.holdBack(BUFFER_BYTES), whole, [2_000, 15_000]),
  way("near", "cuts streams", 3, (it, chance) => it.curtail(chance.between(100, 10_000)), whole, [5_000, 20_000]),
  way("near", "loses answers", 3, (it, chance) => it.lose(chance.whole(1, 5)), whole, [500, 2_000]),
  way("far", "loses answers", 3, (it, chance) => it.lose(chance.whole(1, 5), COMMAND), whole, [500, 2_000]),
  way("far", "deafens the wire", 2, (it) => it.stall("down", SUBSCRIBE), whole, [500, 8_000]),
  way("far", "swallows an event", 4, (it) => it.swallow(1, SUBSCRIBE), whole, [1_000, 2_000]),
  {
    ...{ kind: "server killed", weight: 4, on: "server" },
    async strike({ arena: { builds }, chance, node, last }) {
      await node.kill();
      await last(chance.between(0, 2_000));
      await node.start(builds[0] ?? ".");
    },
  },
  {
    ...{ kind: "another version", weight: 3, on: "server" },
    async strike({ arena: { builds }, chance, node, last }) {
      await node.kill();
      await node.start(builds[1] ?? ".");
      await last(chance.between(5_000, 30_000));
      await node.kill();
      await node.start(builds[0] ?? ".");
    },
  },
  {
    ...{ kind: "server frozen", weight: 4, on: "server" },
    async strike({ chance, node, last }) {
      node.freeze(true);
      await last(chance.happens(0.15) ? chance.between(10_000, 40_000) : chance.between(1_000, 8_000));
      node.freeze(false);
    },
  },
  {
    ...{ kind: "redis killed", weight: 2, on: "store" },
    async strike({ arena, chance, last }) {
      const { store } = arena.cluster;
      await store.kill();
      await last(chance.between(0, 1_500));
      await store.start();
    },
  },
  {
    ...{ kind: "redis frozen", weight: 2, on: "store" },
    async strike({ arena, chance, last }) {
      const { store } = arena.cluster;
      store.freeze(true);
      await last(chance.between(300, 5_000));
      store.freeze(false);
    },
  },
  {
    ...{ kind: "bridge killed", weight: 2, on: "store" },
    strike: ({ arena }) => arena.cluster.restartBridge(),
  },
  {
    ...{ kind: "reads lag", weight: 1, on: "store" },
    async strike({ arena: { cluster }, chance, last }) {
      await cluster.restartBridge(chance.whole(200, 3_000));
      await last(chance.between(4_000, 12_000));
      await cluster.restartBridge();
    },
  },
  {
    ...{ kind: "restore", weight: 2, on: "store" },
    async strike({ arena, chance, snapshots, last }) {
      const { store } = arena.cluster;
      const at = chance.happens(0.5) ? snapshots.length - 1 : chance.whole(0, snapshots.length - 1);
      const [snapshot] = snapshots.splice(at);
      if (snapshot === undefined) return;
      const killed = Date.now();
      await store.kill();
      await store.restore(snapshot);
      await store.start();
      arena.restored(snapshot.at, killed, Date.now());
      await last(3_000);
    },
  },
  client("a client sleeps", 3, "sleep", [1_000, 30_000]),
  client("ten tabs", 1, "multiply", [4_000, 15_000]),
  client("an old cursor", 3, "rewind", [500, 15_000]),
  client("wrong cursors", 2, "lie", [0, 50]),
  client("sends cut", 4, "hangUp", [2_000, 8_000]),
  {
    // What the platform may do with an instance when its last client has disconnected: it goes on, it is paused, or it ends.
    ...{ kind: "sends cut, instance paused", weight: 2, on: "server" },
    async strike({ arena: { order, users, builds }, chance, node, last }) {
      for (let who = 0; who < users; who++) order({ do: "hangUp", who, ms: 1_000 });
      await last(chance.between(0, 300));
      node.freeze(true);
      await last(chance.between(300, 3_000));
      node.freeze(false);
      if (chance.happens(0.5)) return;
      await node.kill();
      await node.start(builds[0] ?? ".");
    },
  },
];

/** The kinds of faults that there are. */
export const KINDS: readonly string[] = FAULTS.map(({ kind }) => kind);

function client(
  kind: string,
  weight: number,
  what: "sleep" | "multiply" | "rewind" | "lie" | "hangUp",
  ms: [number, number],
): Fault {
  return {
    ...{ kind, weight, on: "client" },
    async strike({ arena: { order, users }, chance }) {
      order({ do: what, who: chance.whole(0, users - 1), ms: chance.between(...ms) });
    },
  };
}
