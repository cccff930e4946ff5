import { tail } from "../log/tail.js";
import * as log from "../log/write.js";
import type { Caller } from "../people/caller.js";
import * as delivery from "./delivery-receipts.js";
import { type Lapse, renew } from "./lease.js";
import { announce, arrive, sweepAll } from "./presence.js";

// Leases are renewed together with a look at the clock, whenever one comes after so long; a little sooner than the idle one would.
const RENEW_MS = 28_000;

/** Whose leases this instance has begun or renewed, and when. */
const leases = new Map<string, { caller: Caller; at: number }>();
let renewed = 0;

/** Counts a poll as being there: the first one in a while begins a lease, the instance renews it for as long as polls are held. */
export function attend(caller: Caller, now: number): void {
  const entity = caller.actor.id;
  const known = leases.get(entity);
  if (known !== undefined) known.caller = caller;
  if (known !== undefined && now - known.at < RENEW_MS) return;
  leases.set(entity, { caller, at: now });
  arrive(caller, now).catch(() => leases.delete(entity));
}

const isDue = (now: number) => now - renewed >= RENEW_MS;

tail.isDue = (now) => isDue(now) || delivery.isDue(now);

tail.readClock = (held) => {
  const now = Date.now();
  const mine = isDue(now) ? held : [];
  const receipts = delivery.due(now);
  return mine.length + receipts.length > 0 ? renewAll(mine, receipts, now) : log.clock();
};

/** Renews people's leases, tells what has been received, sweeps leases that have run out anywhere, and answers the clock that came along. */
async function renewAll(
  held: readonly string[],
  receipts: readonly delivery.Receipt[],
  now: number,
): Promise<log.Clock> {
  const { clock, added, over } = await renew(held, now, receipts);
  delivery.told(receipts, now);
  if (held.length > 0) renewed = now;
  for (const [entity, lease] of leases) if (now - lease.at > RENEW_MS * 2) leases.delete(entity);
  const here = held.flatMap((entity) => leases.get(entity) ?? []);
  for (const lease of here) lease.at = now;
  // The look must not wait for what others are told, nor fail by it: who was not told will see it in the next roster.
  void tellAll(added > 0 ? here.map((it) => it.caller) : [], over, now).catch(() => undefined);
  return clock;
}

async function tellAll(swept: Caller[], over: Lapse[], now: number): Promise<void> {
  if (swept.length > 0) await announce(swept, now);
  await sweepAll(over, now);
}
