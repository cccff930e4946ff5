import type { Instance } from "../log/instance.js";
import type { Collected } from "./collected.js";

/** Counts stanzas that are about to be delivered; where the reader `waited` for them, also how long after their arrival here. */
export function countDelivery(
  { metrics, tail }: Pick<Instance, "metrics" | "tail">,
  { stanzas, cursor }: Pick<Collected, "stanzas" | "cursor">,
  waited: boolean,
  now: number,
): void {
  metrics.count("stanzas", [], stanzas.length);
  const [first] = stanzas;
  if (first?.body.startsWith('{"type":"resync",')) metrics.count("resyncs");
  const receivedAt = first && tail.memory?.receivedAfter({ epoch: cursor.epoch, n: first.n - 1 });
  if (receivedAt !== undefined && waited) metrics.observe("delivery", now - receivedAt);
}
