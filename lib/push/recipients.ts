import * as v from "valibot";
import { banMembers } from "../auth/ban-member.js";
import { indexOf, listOf } from "../chat/archive.js";
import type { Log } from "../log/log.js";
import { Notify } from "../schema/field.js";
import { decode, encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import type { Due } from "./push-queue.js";
import { type Ring, Ringing } from "./ring.js";

// In larger rooms only those ring who are mentioned: each message would look at thousands.
const MEMBERS_MAX = 1_000;
// Users with devices of whom a round looks at the settings; what is more waits for the next round.
const USERS_MAX = 1_000;
// A lease says that somebody was connected within the last minute. Once it has ended, it is known whether they still are.
const LEASE_MARGIN_MS = 1_000;

/** Messages of a thread that may ring for its members, or one for the member for whom it is due. */
export type Look = { thread: string; seqs: readonly number[]; due: Due | undefined };

/** What came of looks: what rings now, what is looked at again later, and how many looks were taken, of those that were given. */
export type Found = { rings: Ring[]; later: (Due & { at: number })[]; taken: number };

type Candidates = Look & { kind: string; subject: string | null; messages: Ringing[]; who: string[] };

/** Finds for whom messages ring: members with devices, who are not connected, have not read them, and want to hear of them. */
export async function findRecipients(log: Log, looks: readonly Look[], now: number): Promise<Found> {
  const candidates = await withDevices(log, await candidatesOf(log, looks));
  const states = await readStates(log, candidates);
  const found: Found = { rings: [], later: [], taken: candidates.length };
  for (const [i, look] of candidates.entries()) for (const state of states[i] ?? []) add(found, look, state, now);
  return found;
}

function add({ rings, later }: Found, look: Candidates, state: State, now: number): void {
  const message = look.messages.findLast((it) => isHeard(look, it, state));
  if (message === undefined) return;
  const { thread, kind, subject, due } = look;
  if (state.lease <= now) rings.push({ thread, kind, subject, entity: decode(state.who), message, due });
  // Whoever is connected when it is due has had the message on the page.
  else if (due === undefined)
    later.push({ ...dueAgain(thread, message.seq, state.who), at: state.lease + LEASE_MARGIN_MS });
}

/** A message that is looked at again for a member (encoded), for the first time. */
export function dueAgain(thread: string, seq: number, who: string): Due {
  return { thread, seq, who, device: undefined, attempts: 0 };
}

/** Whether a message rings for a member. */
function isHeard({ kind, due }: Look & { kind: string }, message: Ringing, state: State): boolean {
  const { who, role, read, muted, notify, pushed, isBanned, blocks } = state;
  const by = message.sender?.id;
  if (role === null || isBanned || muted !== null || by === undefined || encode(by) === who || blocks.has(by))
    return false;
  if (message.retracted !== undefined || (read ?? 0) >= message.seq) return false;
  // What is newer has rung already, on this device or on all.
  if (pushed !== null && (due?.device === undefined ? pushed >= message.seq : pushed > message.seq)) return false;
  const wanted = notify ?? (kind === "direct" ? "all" : "mentions");
  return wanted === "all" || (wanted === "mentions" && message.mentions?.some((it) => encode(it) === who) === true);
}

const Text = v.nullable(v.string());
const Texts = v.array(v.string());
const Header = v.tuple([Text, Text]);
const Stored = v.array(v.pipe(v.string(), v.parseJson(), Ringing));

/** Reads the messages and the members. */
async function candidatesOf({ keys, store }: Log, looks: readonly Look[]): Promise<Candidates[]> {
  if (looks.length === 0) return [];
  const replies = await store.transact(v.array(v.unknown()), (batch) => {
    for (const { thread, seqs } of looks) {
      batch.hmget(keys.thread(thread), "kind", "subject");
      batch.zrange(keys.members(thread), 0, MEMBERS_MAX);
      for (const seq of seqs) batch.lrange(listOf({ keys }, thread, seq), indexOf(seq), indexOf(seq));
    }
  });
  return looks.map((look) => {
    const [kind, subject] = v.parse(Header, replies.shift());
    const members = v.parse(Texts, replies.shift());
    const messages = look.seqs.flatMap(() => v.parse(Stored, replies.shift()));
    const mentioned = messages.flatMap(({ mentions = [] }) => mentions.map(encode));
    const all = members.length > MEMBERS_MAX ? [...new Set(mentioned)] : members;
    return { ...look, kind: kind ?? "", subject, messages, who: look.due === undefined ? all : [look.due.who] };
  });
}

const Scores = v.array(v.nullable(v.pipe(v.union([v.string(), v.number()]), v.transform(Number))));

/** Leaves those who have devices; takes as many looks as there may be users in a round, and one at least. */
async function withDevices({ keys, store }: Log, all: readonly Candidates[]): Promise<Candidates[]> {
  const asked = all.filter(({ who }) => who.length > 0);
  if (asked.length === 0) return [...all];
  const scores = await store.transact(v.array(Scores), (batch) => {
    for (const { who } of asked) batch.zmscore(keys.pushUsers, who);
  });
  const taken: Candidates[] = [];
  let users = 0;
  for (const look of all) {
    const at = asked.indexOf(look);
    const who = look.who.filter((_, i) => scores[at]?.[i] != null);
    users += who.length;
    if (users > USERS_MAX && taken.length > 0) break;
    taken.push({ ...look, who });
  }
  return taken;
}

/** What decides whether a message rings for a member. */
type State = {
  who: string;
  role: string | null;
  read: number | null;
  muted: string | null;
  notify: v.InferOutput<typeof Notify> | null;
  pushed: number | null;
  lease: number;
  isBanned: boolean;
  /** Those of the senders whom the member blocks. */
  blocks: ReadonlySet<string>;
};

// The members of a user in the list of bans.
const BANS = banMembers("").length;
const Fields = v.tuple([
  Text,
  v.nullable(v.pipe(v.string(), v.transform(Number))),
  Text,
  v.nullable(Notify),
  v.nullable(Count),
]);

/** Reads the states of the members of each look who have devices. */
async function readStates({ keys, store }: Log, looks: readonly Candidates[]): Promise<State[][]> {
  const pairs = looks.flatMap((look) => look.who.map((who) => ({ look, who, senders: sendersOf(look) })));
  if (pairs.length === 0) return [];
  const everybody = pairs.map(({ who }) => who);
  const [leases, bans, ...rest] = await store.transact(v.tupleWithRest([Scores, Scores], v.array(Text)), (batch) => {
    batch.zmscore(keys.online, everybody);
    batch.zmscore(
      keys.bans,
      everybody.flatMap((who) => banMembers(decode(who))),
    );
    for (const { look, who, senders } of pairs) {
      batch.hmget(
        keys.thread(look.thread),
        `role:${who}`,
        `read:${who}`,
        `muted:${who}`,
        `notify:${who}`,
        `pushed:${who}`,
      );
      batch.hmget(keys.blocks(decode(who)), ...senders);
    }
  });
  const states = new Map<Candidates, State[]>(looks.map((look) => [look, []]));
  for (const [i, { look, who, senders }] of pairs.entries()) {
    const [role, read, muted, notify, pushed] = v.parse(Fields, rest[2 * i]);
    const blocked = rest[2 * i + 1] ?? [];
    const blocks = new Set(senders.filter((_, j) => blocked[j] !== null).map(decode));
    const isBanned = bans.slice(BANS * i, BANS * (i + 1)).some((it) => it !== null);
    states.get(look)?.push({ ...{ who, role, read, muted, notify, pushed, isBanned, blocks }, lease: leases[i] ?? 0 });
  }
  return looks.map((look) => states.get(look) ?? []);
}

/** The senders of the messages, encoded; never none, since a command asks for one at least. */
function sendersOf({ messages }: Candidates): [string, ...string[]] {
  const all = [...new Set(messages.flatMap(({ sender }) => (sender === undefined ? [] : [encode(sender.id)])))];
  return [all[0] ?? "-", ...all.slice(1)];
}
