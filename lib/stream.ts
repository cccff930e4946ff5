import * as v from "valibot";
import { attend } from "./attendance.js";
import type { Member } from "./audience.js";
import { veil } from "./block.js";
import type { Caller } from "./caller.js";
import * as cold from "./cold.js";
import { Fault } from "./fault.js";
import * as keys from "./keys.js";
import * as log from "./log.js";
import type { Slice } from "./memory.js";
import type { Poll } from "./poll.js";
import * as redis from "./redis.js";
import { news } from "./roster.js";
import { countFitting } from "./size.js";
import { tail } from "./tail.js";
import * as token from "./token.js";
import { positions } from "./view.js";

// Whom events do not ring, because the window moved while their memberships were read, reads again this soon.
const UNHEARD_MS = 500;
// Seconds that a poll is asked to stay away which was ended because its user holds too many.
const PAUSE_CROWDED = 10;

const LIMIT_MAX = 100;

const Digits = v.pipe(v.string(), v.regex(/^\d+$/, "must be a whole number"), v.transform(Number));

/** The query of *stream*; what is too large is cut. `cursor` comes from an earlier answer. */
export const StreamQuery = v.object({
  cursor: v.exactOptional(v.string()),
  wait: v.exactOptional(Digits),
  limit: v.optional(
    v.pipe(
      Digits,
      v.minValue(1, "must be at least 1"),
      v.transform((it) => Math.min(it, LIMIT_MAX)),
    ),
    `${LIMIT_MAX}`,
  ),
  live: v.exactOptional(v.string()),
});

/** Reads what a client sent for a cursor. Throws `bad_cursor`. */
export function place(text: string): log.Cursor {
  const cursor = log.parseCursor(text);
  if (cursor === undefined) throw new Fault("bad_cursor");
  return cursor;
}

export type Question = {
  /** Where to go on from; else where the credential's last cursorless answer ended, its birth, or now. */
  cursor: log.Cursor | undefined;
  /** Seconds to hold an empty answer. */
  wait: number;
  limit: number;
  /** Whether the end of a cursorless answer is remembered for the next one. */
  remember: boolean;
};

/** One stanza as JSON, and the n of the cursor after it. */
export type Delivered = { n: number; body: string };

export type Answer = { prev: log.Cursor; cursor: log.Cursor; stanzas: Delivered[]; more: boolean; pause?: number };

/** Answers what concerns the caller after a cursor: at once when there is something, else when something comes or the wait is over. */
export async function follow(caller: Caller, question: Question, signal: AbortSignal): Promise<Answer> {
  tail.open();
  const began = Date.now();
  const { prev, kept } = question.cursor === undefined ? await position(caller) : { prev: question.cursor, kept: true };
  const until = Math.min(began + question.wait * 1_000, caller.expires);
  const poll = tail.hold(caller.actor.id, caller.birth && caller.sha);
  attend(caller, began);
  try {
    const terms = { limit: question.limit, until, wait: question.wait, first: !kept };
    const answer = await held(caller, poll, prev, terms, signal);
    const moved = !kept || answer.cursor.epoch !== prev.epoch || answer.cursor.n !== prev.n;
    if (question.cursor === undefined && question.remember && moved && !signal.aborted)
      await remember(caller, answer.cursor);
    return {
      prev,
      cursor: answer.cursor,
      stanzas: answer.stanzas,
      more: answer.more,
      ...(answer.pause === undefined ? {} : { pause: answer.pause }),
    };
  } finally {
    tail.release(poll);
  }
}

/** `first`: the caller has no cursor yet, and is told who is there. */
type Terms = { limit: number; until: number; wait: number; first: boolean };

async function held(caller: Caller, poll: Poll, prev: log.Cursor, terms: Terms, signal: AbortSignal): Promise<Found> {
  // An answer at once is a verdict, and so is the first to a credential: what was acknowledged before the question is in it.
  if (terms.wait === 0 || terms.first) await tail.confirm();
  let found = await withRoster(caller, prev, await read(caller, prev, terms.limit), terms.first);
  while (found.stanzas.length === 0 && poll.ending === undefined && !signal.aborted && Date.now() < terms.until) {
    poll.at = found.cursor;
    const left = terms.until - Date.now();
    await poll.rung(tail.hears(poll.entity) ? left : Math.min(left, UNHEARD_MS), signal);
    if (poll.ending !== undefined || signal.aborted) break;
    // The time is up: what is not known here is for the next question.
    if (Date.now() >= terms.until && !tail.trusted) break;
    if (poll.sha !== undefined && !(await token.alive(poll.sha, Date.now()))) break;
    found = await withRoster(caller, found.cursor, await read(caller, found.cursor, terms.limit), false);
  }
  return poll.ending === "crowded" && found.stanzas.length === 0 ? { ...found, pause: PAUSE_CROWDED } : found;
}

/** An answer to some cursor; `remembered` if it was given from memory. */
type Found = Omit<Answer, "prev"> & { remembered: boolean };

/** Reads on from a cursor: from memory if that reaches back, else from the log. */
async function read(caller: Caller, cursor: log.Cursor, limit: number): Promise<Found> {
  const entity = caller.actor.id;
  const now = Date.now();
  await tail.settle(cursor);
  const known = tail.memory?.find(entity, now);
  const warm = known && tail.memory?.since(known, cursor, limit + 1);
  if (known && warm) return { ...cut(known, cursor.epoch, warm, limit), remembered: true };
  const standing = await cold.standing(entity);
  const { clock, memberships, blocked } = standing;
  const memory = tail.memory;
  const learnt = memory?.learn(entity, standing, now);
  // What is answered must not be older than what was read.
  const reached = learnt !== undefined && (await memory?.reach(clock.n));
  if (cursor.epoch !== clock.epoch || cursor.n > clock.n) return resync(caller, "epoch", current(memberships), clock);
  const member = learnt ?? { entity, by: keys.encode(entity), memberships, blocked, used: now };
  const recent = reached ? tail.memory?.since(member, cursor, limit + 1) : undefined;
  if (recent !== undefined) return { ...cut(member, cursor.epoch, recent, limit), remembered: true };
  const past = await cold.after(member, cursor, clock, limit + 1);
  const rest = cut(member, cursor.epoch, past, limit);
  const more = rest.more || past.to < clock.n;
  // A gap is named once: by the answer whose cursor passes it.
  const passed = past.gaps.filter((gap) => gap.n <= rest.cursor.n).map((gap) => gap.thread);
  if (passed.length === 0) return { ...rest, more, remembered: false };
  const gap = await resync(caller, "trimmed", passed, cursor);
  return { ...rest, more, stanzas: [...gap.stanzas, ...rest.stanzas], remembered: false };
}

/** Adds who is there, where changes of that may have been missed: to a first answer, and to what was not read from memory. */
async function withRoster(caller: Caller, from: log.Cursor, found: Found, first: boolean): Promise<Found> {
  if (found.remembered && !first) return found;
  const body = await news(caller.actor.id, first ? undefined : log.format(from), log.format(found.cursor), Date.now());
  return body === undefined ? found : { ...found, stanzas: [...found.stanzas, { n: found.cursor.n, body }] };
}

/** Cuts what was found to `limit` stanzas and 1 MiB. The cursor is then the last one's, else as far as was looked. */
function cut(member: Member, epoch: string, found: Slice, limit: number): Omit<Found, "remembered"> {
  const within = found.events.slice(0, limit);
  const stanzas = within.slice(0, Math.max(1, countFitting(within.map((event) => event.body))));
  const last = stanzas.at(-1);
  const more = stanzas.length < found.events.length;
  const seen = stanzas.flatMap((event) => veil(member, event) ?? []);
  return { cursor: { epoch, n: more && last ? last.n : found.to }, stanzas: seen, more };
}

/** Names the threads whose stream cannot be continued. Their members read the history again, and go on from the new cursor. */
async function resync(caller: Caller, reason: "epoch" | "trimmed", ids: string[], at: log.Cursor): Promise<Found> {
  const threads = await positions(caller, ids.filter(isThread));
  const body = JSON.stringify({ type: "resync", resync: { reason, threads } });
  return { cursor: { epoch: at.epoch, n: at.n }, stanzas: [{ n: at.n, body }], more: false, remembered: false };
}

/** What was told to oneself alone is no thread's; that some of it is gone is said by a `resync` all the same. */
function isThread(id: string): boolean {
  return !id.startsWith("@");
}

function current(memberships: log.Memberships): string[] {
  return [...memberships].filter(([, n]) => n > 0).map(([thread]) => thread);
}

/** Finds where a client without a cursor stands, and whether that was kept from an earlier answer. */
async function position(caller: Caller): Promise<{ prev: log.Cursor; kept: boolean }> {
  const [stored] = await redis.read(v.tuple([v.nullable(v.string())]), (reading) => {
    reading.get(keys.position(caller.sha));
  });
  const known = stored === null ? undefined : log.parseCursor(stored);
  if (known !== undefined) return { prev: known, kept: true };
  return { prev: caller.birth ?? (await log.begin(Date.now())), kept: false };
}

// Keeps where an answer ended. KEYS: position. ARGV: cursor, lifetime in s. Returns: 1.
const REMEMBER = `
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
`;

async function remember(caller: Caller, cursor: log.Cursor): Promise<void> {
  const life = Math.max(1, Math.ceil((caller.expires - Date.now()) / 1_000));
  await redis.run(REMEMBER, v.number(), [keys.position(caller.sha)], [log.format(cursor), life]);
}
