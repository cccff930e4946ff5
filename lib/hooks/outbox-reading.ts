import * as v from "valibot";
import type { Log } from "../log/log.js";
import type { Reading } from "../metrics.js";
import { Count } from "../store/replies.js";

const Places = v.array(v.tuple([v.string(), v.unknown()]));
const Depths = v.tuple([Count, Places, Count]);

/** Reads how much waits in the outbox, for how long the oldest event has, and how much was given up; nothing where there is no outbox. */
export async function readOutbox({ keys, outbox, store }: Log, now: number): Promise<Reading[]> {
  if (outbox === undefined) return [];
  const [depth, [oldest], dead] = await store.transact(Depths, (batch) => {
    batch.xlen(keys.outbox);
    batch.xrange(keys.outbox, "-", "+", 1);
    batch.xlen(keys.outboxDead);
  });
  const age = oldest === undefined ? 0 : Math.max(0, now - Number.parseInt(oldest[0], 10)) / 1_000;
  const gauge = (name: string, help: string, value: number): Reading => ({ name, help, type: "gauge", value });
  return [
    gauge("outbox_events", "Events that the host's server is yet to be told, of the whole deployment", depth),
    gauge("outbox_oldest_seconds", "For how long the oldest of them has waited", age),
    gauge("outbox_dead_events", "Events that were given up", dead),
  ];
}
