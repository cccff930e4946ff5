import * as v from "valibot";
import { banMembers } from "../auth/ban-member.js";
import type { Log } from "../log/log.js";
import { Blocked } from "../log/memberships.js";
import { decode, type FoundKey, type Keys } from "../store/keys.js";
import { Count } from "../store/replies.js";
import type { ExportQuery } from "./data-request.js";
import { readOwnFiles } from "./own-files.js";
import { readOwnMessages } from "./own-messages.js";
import { createPerson, type Person } from "./person.js";
import { readReports } from "./scattered-traces.js";
import { START, walk } from "./store-walk.js";
import { MEMBER_FIELDS, readReactions } from "./thread-traces.js";

// What every answer of the chat has at most.
const PART_BYTES = 1_048_576;
// The last line of a part, and the line break of each.
const RESERVED = 256;

/**
 * Reads a part of what is kept of a user, as lines of JSON `{"type", "<type>": …}`; the last one, `{"type": "next", "after"}`, says where the next part
 * begins, and is missing in the last part. A line may come twice, and what is written meanwhile may be missing.
 */
export async function exportPart(log: Log, { entity, after }: v.InferOutput<typeof ExportQuery>): Promise<string[]> {
  const person = createPerson(entity);
  const [from = START, skipped = "0"] = after?.split(" ") ?? [];
  const { keys, next } = await walk(log, from);
  const all = from === START ? await readNamed(log, person) : [];
  for (const [kind, read] of Object.entries(READERS)) {
    const found = keys.filter((it) => it.kind === kind);
    if (found.length > 0) all.push(...(await read(log, person, found)));
  }
  const lines = all.slice(Number(skipped));
  const fitting = countFitting(lines);
  const rest =
    fitting < lines.length ? `${from} ${Number(skipped) + fitting}` : next === START ? undefined : `${next} 0`;
  return [...lines.slice(0, fitting), ...(rest === undefined ? [] : [line("next", rest, "after")])];
}

/** Counts the lines that fit into a part: one at least, or the next one would not come further. */
function countFitting(lines: readonly string[]): number {
  let bytes = RESERVED;
  const over = lines.findIndex((it) => {
    bytes += Buffer.byteLength(it) + 1;
    return bytes > PART_BYTES;
  });
  return over < 0 ? lines.length : Math.max(1, over);
}

function line(type: string, content: unknown, name = type): string {
  return JSON.stringify({ type, [name]: content });
}

const Text = v.nullable(v.string());
const Scores = v.nullable(v.array(v.nullable(Count)));
const Profile = v.nullable(v.pipe(v.string(), v.parseJson()));
// Since when, and the subscription to pushes; its keys are secrets, by which pushes could be forged, and say nothing of the user.
const Device = v.pipe(
  v.string(),
  v.transform((it) => ({ at: Number.parseInt(it, 10), subscription: it.slice(it.indexOf(" ") + 1) })),
  v.object({
    at: v.number(),
    subscription: v.pipe(
      v.string(),
      v.parseJson(),
      v.object({ endpoint: v.string(), page: v.exactOptional(v.string()) }),
    ),
  }),
  v.transform(({ at, subscription }) => ({ since: new Date(at).toISOString(), ...subscription })),
);

/** Reads what stands under the user's own name. */
async function readNamed({ keys, store }: Log, { entity, who }: Person): Promise<string[]> {
  const [profile, presence, blocked, banned, devices] = await store.transact(
    v.tuple([Profile, Profile, Blocked, Scores, v.array(Device)]),
    (batch) => {
      batch.get(keys.actor(entity));
      batch.hget(keys.presence, who);
      batch.hgetall(keys.blocks(entity));
      batch.zmscore(keys.bans, banMembers(entity));
      batch.hvals(keys.devices(entity));
    },
  );
  return [
    ...(profile === null ? [] : [line("profile", profile)]),
    ...(presence === null ? [] : [line("presence", presence)]),
    ...[...blocked].map(([whom, since]) => line("block", { entity: decode(whom), since })),
    ...(banned?.some((it) => it !== null) ? [line("ban", {})] : []),
    ...devices.map((it) => line("device", it)),
  ];
}

type Reader = (log: Log, person: Person, found: readonly FoundKey[]) => Promise<string[]>;

const READERS: Readonly<Partial<Record<keyof Keys, Reader>>> = {
  thread: readMemberships,
  messages: async (log, person, lists) =>
    (await readOwnMessages(log, person, lists)).map((message) => `{"type":"message","message":${message}}`),
  reactions: async (log, person, found) => (await readReactions(log, person, found)).map((it) => line("reaction", it)),
  invites: readInvites,
  file: async (log, person, found) => (await readOwnFiles(log, person, found)).map((it) => line("file", it)),
  report: async (log, person, found) =>
    (await readReports(log, person, found)).map((report) => `{"type":"report","report":${report}}`),
};

/** Reads the memberships with their settings, and the bans from rooms. */
async function readMemberships({ store }: Log, { who }: Person, threads: readonly FoundKey[]): Promise<string[]> {
  const [first, ...rest] = MEMBER_FIELDS.map((field) => `${field}:${who}`);
  if (first === undefined) return [];
  const found = await store.transact(v.array(v.array(Text)), (batch) => {
    for (const { key } of threads) batch.hmget(key, first, ...rest, "kind", "subject");
  });
  return threads.flatMap(({ of }, i) => {
    const [role, read, muted, hidden, , ban, , , , pinned, marked, notify, , kind, subject] = found[i] ?? [];
    const banned = ban ? [line("ban", { thread: of })] : [];
    if (!role) return banned;
    const set = { muted, hidden, pinned, markedUnread: marked };
    const flags = Object.fromEntries(Object.entries(set).flatMap(([name, value]) => (value ? [[name, true]] : [])));
    const settings = { ...flags, ...(notify ? { notify } : {}) };
    const membership = { thread: of, kind, role, read: Math.floor(Number(read ?? 0)), ...settings };
    return [line("membership", subject ? { ...membership, subject } : membership), ...banned];
  });
}

async function readInvites({ store }: Log, { who }: Person, invites: readonly FoundKey[]): Promise<string[]> {
  const found = await store.transact(v.array(v.array(v.string())), (batch) => {
    for (const { key } of invites) batch.hvals(key);
  });
  return invites.flatMap(({ of }, i) =>
    (found[i] ?? []).flatMap((made) => {
      const [maker, ends] = made.split(" ");
      return maker === who ? [line("invite", { thread: of, expires: new Date(Number(ends)).toISOString() })] : [];
    }),
  );
}
