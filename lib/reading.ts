import { cut, type Found, resync } from "./answer.js";
import { meet } from "./audience.js";
import type { Caller } from "./caller.js";
import * as cold from "./cold.js";
import type * as log from "./log.js";
import { tail } from "./tail.js";

/** Reads on from a cursor: from memory if that reaches back, else from the log. */
export async function read(
  caller: Caller,
  cursor: log.Cursor,
  { limit, delivered }: { limit: number; delivered: boolean },
): Promise<Found> {
  const entity = caller.actor.id;
  const now = Date.now();
  await tail.settle(cursor);
  const known = tail.memory?.find(entity, now);
  const warm = known && tail.memory?.since(known, cursor, limit + 1, delivered);
  if (known && warm) return { ...cut(known, cursor.epoch, warm, limit), remembered: true };
  const standing = await cold.standing(entity);
  const { clock, memberships, blocked } = standing;
  const memory = tail.memory;
  const learnt = memory?.learn(entity, standing, now);
  // What is answered must not be older than what was read.
  const reached = learnt !== undefined && (await memory?.reach(clock.n));
  if (cursor.epoch !== clock.epoch || cursor.n > clock.n) return resync(caller, "epoch", current(memberships), clock);
  const member = learnt ?? meet(entity, memberships, blocked, now);
  const recent = reached ? tail.memory?.since(member, cursor, limit + 1, delivered) : undefined;
  if (recent !== undefined) return { ...cut(member, cursor.epoch, recent, limit), remembered: true };
  const past = await cold.after(member, cursor, clock, limit + 1);
  return withGap(
    caller,
    cursor,
    past,
    (most) => {
      const rest = cut(member, cursor.epoch, past, most);
      return { ...rest, more: rest.more || past.to < clock.n, remembered: false };
    },
    limit,
  );
}

/** Names the threads whose logs begin after the cursor, once: in the answer whose own cursor passes the gap. */
async function withGap(
  caller: Caller,
  from: log.Cursor,
  past: cold.Past,
  upTo: (most: number) => Found,
  limit: number,
): Promise<Found> {
  const passed = ({ cursor }: Found) => past.gaps.filter((gap) => gap.n <= cursor.n).map((gap) => gap.thread);
  const whole = upTo(limit);
  if (passed(whole).length === 0) return whole;
  // The resync is one of the stanzas that were asked for; alone it could not pass the gap.
  const rest = upTo(Math.max(1, limit - 1));
  const threads = passed(rest);
  if (threads.length === 0) return rest;
  const gap = await resync(caller, "trimmed", threads, from);
  return { ...rest, stanzas: [...gap.stanzas, ...rest.stanzas] };
}

function current(memberships: log.Memberships): string[] {
  return [...memberships].filter(([, n]) => n > 0).map(([thread]) => thread);
}
