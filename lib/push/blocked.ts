import * as v from "valibot";
import { indexOf, listOf } from "../chat/archive.js";
import type { Log } from "../log/log.js";
import { Memberships } from "../log/memberships.js";
import { decode, encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import type { Block } from "./push-queue.js";
import type { shownTo } from "./retracted.js";
import { Ringing } from "./ring.js";

// Threads of the user, of whom there may be thousands, that one transaction looks at.
const AT_ONCE = 1_000;

/** Finds the notifications that show users a message of somebody whom they have blocked. */
export async function shownOfBlocked(log: Log, blocks: readonly Block[]): ReturnType<typeof shownTo> {
  const found = [];
  // However many somebody blocks at once, the threads are looked through once.
  for (const who of new Set(blocks.map((it) => it.who))) {
    const blocked = new Set(blocks.flatMap((it) => (it.who === who ? it.whom : [])));
    found.push(...(await sentBy(log, blocked, await shownNow(log, who, [...blocked]))));
  }
  return found;
}

type Shown = Awaited<ReturnType<typeof shownTo>>;

/** What rang last for a user in each thread that one of some others is in, or has left. */
async function shownNow({ keys, store }: Log, who: string, others: readonly string[]): Promise<Shown> {
  const entity = decode(who);
  const [mine, ...theirs] = await store.transact(v.tupleWithRest([Memberships], Memberships), (batch) => {
    for (const it of [who, ...others]) batch.hgetall(keys.threads(decode(it)));
  });
  const threads = [...mine].flatMap(([id, n]) => (n > 0 && theirs.some((it) => it.has(id)) ? [id] : []));
  const shown: Shown = [];
  for (let at = 0; at < threads.length; at += AT_ONCE) {
    const some = threads.slice(at, at + AT_ONCE);
    const rung = await store.transact(v.array(v.nullable(Count)), (batch) => {
      for (const thread of some) batch.hget(keys.thread(thread), `pushed:${who}`);
    });
    for (const [i, thread] of some.entries()) if (rung[i] != null) shown.push({ thread, seq: rung[i], who, entity });
  }
  return shown;
}

const Stored = v.array(v.pipe(v.string(), v.parseJson(), Ringing));

/** Leaves the messages of some senders (encoded). */
async function sentBy({ keys, store }: Log, blocked: ReadonlySet<string>, shown: Shown): Promise<Shown> {
  if (shown.length === 0) return [];
  const messages = await store.transact(v.array(Stored), (batch) => {
    for (const { thread, seq } of shown) batch.lrange(listOf({ keys }, thread, seq), indexOf(seq), indexOf(seq));
  });
  return shown.filter((_, i) =>
    messages[i]?.some(({ sender }) => sender !== undefined && blocked.has(encode(sender.id))),
  );
}
