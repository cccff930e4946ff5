import * as v from "valibot";
import type { Log } from "../log/log.js";
import type { Reading } from "../metrics.js";
import { Count } from "../store/replies.js";

const Places = v.array(v.tuple([v.string(), v.unknown()]));
const Depths = v.tuple([Count, Places, Count]);

/** Reads how much waits to be pushed, for how long the oldest of it has, and how much is looked at again later; nothing where pushes are off. */
export async function readPushes({ keys, pushes, store }: Log, now: number): Promise<Reading[]> {
  if (pushes === undefined) return [];
  const [depth, [oldest], due] = await store.transact(Depths, (batch) => {
    batch.xlen(keys.pushOutbox);
    batch.xrange(keys.pushOutbox, "-", "+", 1);
    batch.zcard(keys.pushDue);
  });
  const age = oldest === undefined ? 0 : Math.max(0, now - Number.parseInt(oldest[0], 10)) / 1_000;
  const gauge = (name: string, help: string, value: number): Reading => ({ name, help, type: "gauge", value });
  return [
    gauge(
      "push_outbox_events",
      "Messages and readings that pushes are yet to be sent for, of the whole deployment",
      depth,
    ),
    gauge("push_outbox_oldest_seconds", "For how long the oldest of them has waited", age),
    gauge(
      "push_due_events",
      "Pushes that wait for their time: for a page to be gone, the next minute, or another attempt",
      due,
    ),
  ];
}
