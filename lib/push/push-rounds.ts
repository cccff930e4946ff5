import type { Rounds } from "../hooks/draining.js";
import type { Log } from "../log/log.js";
import { decode, encode } from "../store/keys.js";
import { shownOfBlocked } from "./blocked.js";
import { claim } from "./claim.js";
import { Deliveries, type Delivery } from "./deliveries.js";
import { unsubscribe } from "./devices.js";
import { envelopeOf, formatClose, formatMessage, isUrgent } from "./payload.js";
import type { PushKeys } from "./push-keys.js";
import { PushPost } from "./push-post.js";
import { type Due, LEASE_MS, settle, take, type Waiting } from "./push-queue.js";
import { dueAgain, findRecipients, type Look } from "./recipients.js";
import { forgetShown, type Retracted, shownTo } from "./retracted.js";
import type { Ring } from "./ring.js";

const MINUTE = 60_000;

/** Sends the pushes that wait, round by round. Loaded when there is something to send. */
export class PushRounds implements Rounds {
  readonly #log: Log;
  readonly #keys: PushKeys;
  readonly #who: string;
  #post: PushPost | undefined;

  constructor(log: Log, keys: PushKeys) {
    this.#log = log;
    this.#keys = keys;
    this.#who = log.nonces.next();
  }

  close(): void {
    this.#post?.close();
  }

  /** Sends what is due, and returns when the next round is, in ms; undefined if nothing waits. */
  async round(now: number): Promise<number | undefined> {
    const taken = await take(this.#log, this.#who, now);
    if (taken === undefined) return now + LEASE_MS;
    const { waiting, due, next } = taken;
    if (waiting.length + due.length === 0) return next;
    const looks = looksOf(waiting, due);
    const found = await findRecipients(this.#log, looks, now);
    const seen = seenTo(looks.slice(0, found.taken), waiting);
    const blocks = waiting.flatMap(({ block }) => block ?? []);
    const shown = [...(await shownTo(this.#log, retractedOf(waiting))), ...(await shownOfBlocked(this.#log, blocks))];
    const { deliveries, later } = await this.#deliveriesOf(newestOf(found.rings), [...readOf(waiting), ...shown], now);
    const sent = await this.#send(deliveries);
    for (const { entity, id } of sent.gone) await unsubscribe(this.#log, entity, id);
    const again = [...found.later, ...later, ...sent.again];
    await forgetShown(this.#log, shown);
    await settle(this.#log, this.#who, { ...seen, again, rung: sent.rung });
    return now;
  }

  /** Posts to each device, but for more pushes of a user than a minute may have: those wait. */
  async #deliveriesOf(rings: readonly Ring[], closes: readonly Closed[], now: number) {
    const claims = await claim(this.#log, rings, closes);
    const deliveries: Delivery[] = [];
    const later: (Due & { at: number })[] = [];
    for (const ring of rings) {
      const { thread, entity, message, due } = ring;
      const claimed = claims.get(entity);
      if (claimed === undefined) continue;
      claimed.allowed -= 1;
      if (claimed.allowed < 0) {
        later.push({ ...(due ?? dueAgain(thread, message.seq, encode(entity))), at: now + MINUTE });
        continue;
      }
      for (const [id, device] of claimed.devices) {
        if (due?.device !== undefined && due.device !== id) continue;
        const again =
          due?.device === undefined ? { ...dueAgain(thread, message.seq, encode(entity)), device: id } : due;
        const payload = formatMessage(ring, device.page);
        deliveries.push({ thread, entity, id, device, payload, envelope: envelopeOf(thread, isUrgent(ring)), again });
      }
    }
    for (const { thread, entity } of closes)
      for (const [id, device] of claims.get(entity)?.devices ?? [])
        deliveries.push({
          ...{ thread, entity, id, device, payload: formatClose(thread) },
          ...{ envelope: envelopeOf(thread, false), again: undefined },
        });
    return { deliveries, later };
  }

  async #send(deliveries: readonly Delivery[]): Promise<Deliveries> {
    const { push } = this.#log.config;
    const sent = new Deliveries(this.#log.logger);
    if (push === undefined || deliveries.length === 0) return sent;
    this.#post ??= new PushPost(push, await this.#keys.get());
    await sent.run(this.#post, deliveries);
    return sent;
  }
}

/** A thread whose notification is taken back, and whose. */
type Closed = { thread: string; entity: string };

function readOf(waiting: readonly Waiting[]): Closed[] {
  return waiting.flatMap(({ thread, reader }) => (reader === undefined ? [] : [{ thread, entity: decode(reader) }]));
}

function retractedOf(waiting: readonly Waiting[]): Retracted[] {
  return waiting.flatMap(({ thread, retracted: seqs }) => (seqs.length === 0 ? [] : [{ thread, seqs }]));
}

/** What is to be looked at: the messages of each thread together, and each that is due by itself. */
function looksOf(waiting: readonly Waiting[], due: readonly Due[]): Look[] {
  const threads = new Map<string, number[]>();
  for (const { thread, seq } of waiting)
    if (seq !== undefined) threads.set(thread, [...(threads.get(thread) ?? []), seq]);
  return [
    ...due.map((it): Look => ({ thread: it.thread, seqs: [it.seq], due: it })),
    ...[...threads].map(([thread, seqs]): Look => ({ thread, seqs, due: undefined })),
  ];
}

/** What was seen to: the entries whose threads were looked at, what is taken back, and what was due. */
function seenTo(looks: readonly Look[], waiting: readonly Waiting[]) {
  const threads = new Set(looks.flatMap(({ thread, due }) => (due === undefined ? [thread] : [])));
  return {
    waiting: waiting.filter(({ thread, seq }) => seq === undefined || threads.has(thread)),
    due: looks.flatMap(({ due }) => due ?? []),
  };
}

/** Leaves of the rings of a thread for a user the newest; what failed on one device stays, but for what is newer on all. */
function newestOf(rings: readonly Ring[]): Ring[] {
  const newest = new Map<string, number>();
  const key = ({ thread, entity }: Ring) => `${thread} ${entity}`;
  for (const ring of rings)
    if (ring.due?.device === undefined) newest.set(key(ring), Math.max(newest.get(key(ring)) ?? 0, ring.message.seq));
  const seen = new Set<string>();
  return rings.filter((ring) => {
    const { due, message } = ring;
    const top = newest.get(key(ring)) ?? 0;
    if (due?.device !== undefined) return message.seq > top;
    const once = `${key(ring)} ${message.seq}`;
    if (message.seq < top || seen.has(once)) return false;
    seen.add(once);
    return true;
  });
}
