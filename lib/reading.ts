import { cut, type Found, resync } from "./answer.js";
import { meet } from "./audience.js";
import type { Caller } from "./caller.js";
import * as cold from "./cold.js";
import type * as log from "./log.js";
import type { Memberships } from "./standing.js";
import { tail } from "./tail.js";

type Terms = { limit: number; delivered?: boolean };

/** Reads on from a cursor at once, where memory may be believed and reaches back; else answers undefined. */
export function recall(entity: string, cursor: log.Cursor, { limit, delivered = false }: Terms): Found | undefined {
  const { memory } = tail;
  const known = memory?.find(entity, Date.now());
  const found = known && memory?.since(known, cursor, limit + 1, delivered);
  return known && found && cut(known, cursor.epoch, found, limit, true);
}

/** Reads on from a cursor: from memory if that reaches back, else from the log. */
export async function read(caller: Caller, cursor: log.Cursor, terms: Terms): Promise<Found> {
  const { limit, delivered = false } = terms;
  const entity = caller.actor.id;
  const now = Date.now();
  await tail.settle(cursor);
  const warm = recall(entity, cursor, terms);
  if (warm !== undefined) return warm;
  const standing = await cold.standing(entity);
  const { clock, memberships, blocked } = standing;
  const memory = tail.memory;
  const learnt = memory?.learn(entity, standing, now);
  // What is answered must not be older than what was read.
  const reached = learnt !== undefined && (await memory?.reach(clock.n));
  if (cursor.epoch !== clock.epoch || cursor.n > clock.n) return resync(caller, "epoch", current(memberships), clock);
  const member = learnt ?? meet(entity, memberships, blocked, now);
  const recent = reached ? tail.memory?.since(member, cursor, limit + 1, delivered) : undefined;
  if (recent !== undefined) return cut(member, cursor.epoch, recent, limit, true);
  const past = await cold.after(member, cursor, clock, limit + 1);
  const gaps = past.gaps.length > 0;
  // The resync is one of the stanzas that were asked for; alone it could not go on.
  const found = cut(member, cursor.epoch, past, gaps ? Math.max(1, limit - 1) : limit, false);
  const rest = { ...found, more: found.more || past.to < clock.n };
  if (!gaps) return rest;
  // Named as long as a cursor lies before what is kept: whoever is asked next may answer from memory, and cannot know.
  const gap = await resync(caller, "trimmed", past.gaps, cursor);
  return { ...rest, stanzas: [...gap.stanzas, ...rest.stanzas] };
}

function current(memberships: Memberships): string[] {
  return [...memberships].filter(([, n]) => n > 0).map(([thread]) => thread);
}
