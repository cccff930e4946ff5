import { hash } from "node:crypto";
import { Fault } from "../fault.js";

/** The keys of one chat. */
export type Keys = ReturnType<typeof createKeys>;

/** Spells every key of the store; no other file does. Entities are percent-encoded, so that ":" "," "|" in an id are data. */
export function createKeys(prefix: string) {
  return {
    /** hash: value, the secret of a deployment that was given none; shown, when its owner has seen it · for ever */
    secret: `${prefix}secret`,
    /** zset: marks of the secrets (auth/secret-mark) that deployments with this prefix were given → when one last made a token, in ms · 7 days */
    marks: `${prefix}secret:marks`,
    /** hash: epoch, n, tag; push, where anybody gets pushes · for ever */
    clock: `${prefix}clock`,
    /** channel: every event, see `wire` */
    wire: `${prefix}wire`,
    /** string: birth cursor and grants of a chat token · the token's TTL */
    token: (sha: string) => `${prefix}token:${sha}`,
    /** zset: SHA-256 of an entity's tokens → when each ends, in ms · the TTL of the newest */
    tokens: (entity: string) => `${prefix}tokens:${encode(entity)}`,
    /** string: cursor where the last answer to a cursorless client ended · as its credential */
    position: (sha: string) => `${prefix}position:${sha}`,
    /** zset: entities that are banned from the deployment, and digests (auth/ban-member) of those who are being erased, or were and stay banned; all with one score, so that they are in order · for ever */
    bans: `${prefix}bans`,
    /** zset: thread → n of its newest lasting event, one of 16 shards · for ever */
    tips: (thread: string) => `${prefix}tips:${shard(thread)}`,
    /** hash: kind, subject, created, updated, seq, tip; history, slow; marks, as in `reads`; `role:` `read:` `muted:` `hidden:` `pinned:` `marked:` and the seq at the joining, `from:`, per member; `ban:`; `told:`, the seq of which a member who is away was told; `notify:`, and the seq that rang for the member, `pushed:`, and `rung`, the newest of these; `was:` of those who left as visitors; `id:` per kept message · for ever */
    thread: (id: string) => `${prefix}thread:${id}`,
    /** zset: member → n of the joining · for ever */
    members: (id: string) => `${prefix}thread:${id}:members`,
    /** string: when a member, given encoded, last sent a message to a slow room, in ms · as long as the pause between two */
    sent: (id: string, who: string) => `${prefix}thread:${id}:sent:${digest(who)}`,
    /** list: message JSON by dense seq, 256 a list · until beyond CHAT_HISTORY */
    messages: (id: string, part: number) => `${prefix}thread:${id}:messages:${part}`,
    /** stream: delivery log, ids `<n>-0` · trimmed to about 256 entries */
    events: (id: string) => `${prefix}thread:${id}:events`,
    /** stream of one entry: how far the members have read, or an entity in large rooms (by the name of its own log), see log/read-marks; its id is the n of the newest · as the thread */
    reads: (id: string) => `${prefix}thread:${id}:reads`,
    /** hash: seq → `<emoji>=<who>,<who> …` · as the messages */
    reactions: (id: string) => `${prefix}thread:${id}:reactions`,
    /** hash: whom an entity blocks → since when (RFC 3339) · for ever */
    blocks: (entity: string) => `${prefix}user:${encode(entity)}:blocks`,
    /** hash: thread → n of the joining, or -n of the leaving, or 0 where somebody blocked has added them unawares · for ever */
    threads: (entity: string) => `${prefix}user:${encode(entity)}:threads`,
    /** string: id of the direct thread of exactly these members · for ever */
    direct: (entities: readonly string[]) => `${prefix}direct:${digest(lengthPrefixed(entities))}`,
    /** hash: SHA-256 of an invite to a room → its maker (encoded) and when it ends, in ms · as its last invite */
    invites: (id: string) => `${prefix}thread:${id}:invites`,
    /** string: id of the room that an invite leads to · the invite's TTL */
    invite: (sha: string) => `${prefix}invite:${sha}`,
    /** hash: entity → presence record, with what up to 8 devices said, of those who are available or appear offline · swept */
    presence: `${prefix}presence`,
    /** zset: entity → end of its lease, `<entity>,<device>` → end of what that device said, in ms · swept */
    online: `${prefix}online`,
    /** zset: SHA-256 of an open report → when it was made, in ms · swept */
    reports: `${prefix}reports`,
    /** string: report JSON, with the message as it was · until it is resolved, at most 90 days */
    report: (sha: string) => `${prefix}report:${sha}`,
    /** string: how many reports a user has made within an hour · 1 h */
    reported: (entity: string) => `${prefix}reported:${digest(entity)}`,
    /** string: actor JSON · guests as their session, others for ever */
    actor: (entity: string) => `${prefix}actor:${encode(entity)}`,
    /** stream: events that the host's server is told of: `i` webhook-id, `t` thread, `e` stanza · until it took them, at most 20,000 */
    outbox: `${prefix}outbox`,
    /** string: which instance empties the outbox · 30 s */
    outboxLease: `${prefix}outbox:lease`,
    /** hash: thread, or empty for all → attempts at its oldest event, and when the next one is due, in ms; `@`: the place up to which nothing is due, and until when · until one succeeds */
    outboxTries: `${prefix}outbox:tries`,
    /** stream: what the host's server did not take for a day, as in the outbox · at most 1,000 */
    outboxDead: `${prefix}outbox:dead`,
    /** zset: `<thread> <seq>` → when the message is looked at: has everybody read it?, in ms · until then */
    outboxUnread: `${prefix}outbox:unread`,
    /** string: the VAPID keys of a deployment that was given none, public and private · for ever */
    pushKeys: `${prefix}push:keys`,
    /** zset: who gets pushes → when their newest device subscribed, in ms; while there is anybody, the clock has a field `push` · as the devices */
    pushUsers: `${prefix}push:users`,
    /** hash: digest of an endpoint → when it subscribed, in ms, and the push subscription, as JSON · until it ends, at most 10 */
    devices: (entity: string) => `${prefix}user:${encode(entity)}:devices`,
    /** string: how many pushes a user got within a minute · 1 min */
    pushed: (entity: string) => `${prefix}push:count:${digest(entity)}`,
    /** stream: what may ring: `t` thread, and `s` the seq of a message, or `r` a member (encoded) who has read what rang, or `x` the seqs of what was retracted, or, without a thread, `b` who blocks whom (both encoded) · until it was seen to, at most 20,000 */
    pushOutbox: `${prefix}push:outbox`,
    /** string: which instance sends pushes · 30 s */
    pushLease: `${prefix}push:lease`,
    /** zset: `<thread> <seq> <who> <device or -> <attempts>` → when to look at it again, in ms · until then, at most 20,000 */
    pushDue: `${prefix}push:due`,
    /** string: preview JSON of a page, by the SHA-256 of its URL; empty if there is none · 1 day, or 10 min if there is none */
    preview: (sha: string) => `${prefix}preview:${sha}`,
    /** hash: of a file that was asked for: by (encoded), name, type, size; of one that was sent, thread, message; gone, once it is to be removed · until its message is gone, or a day unsent */
    file: (id: string) => `${prefix}file:${id}`,
    /** zset: file → when it is looked at: was it sent?, in ms; or is it gone? · until then */
    files: `${prefix}files`,
    /** set: files that were sent to a thread · as the thread */
    threadFiles: (id: string) => `${prefix}thread:${id}:files`,
    /** hash: count, bytes: what a user, or the guests of an address, have uploaded within an hour · 1 h */
    uploads: (who: string) => `${prefix}uploads:${digest(who)}`,
    /** string, and a channel of that name: what `nereid-chat doctor` tries out · 1 min */
    probe: (nonce: string) => `${prefix}probe:${nonce}`,
  } as const;
}

/** A key that was found in the store: its kind, and whose it is (an encoded entity, a thread, a digest …), as its spelling says. */
export type FoundKey = { key: string; kind: keyof Keys; of: string; part: string };

/** How the keys of each kind are spelled after the prefix: first whose it is, then a part of that. */
const SPELLINGS: Readonly<Record<keyof Keys, RegExp>> = {
  secret: /^secret$/,
  marks: /^secret:marks$/,
  clock: /^clock$/,
  wire: /^wire$/,
  token: /^token:([^:]+)$/,
  tokens: /^tokens:([^:]+)$/,
  position: /^position:([^:]+)$/,
  bans: /^bans$/,
  tips: /^tips:(\d+)$/,
  thread: /^thread:([^:]+)$/,
  members: /^thread:([^:]+):members$/,
  sent: /^thread:([^:]+):sent:([^:]+)$/,
  messages: /^thread:([^:]+):messages:(\d+)$/,
  events: /^thread:([^:]+):events$/,
  reads: /^thread:([^:]+):reads$/,
  reactions: /^thread:([^:]+):reactions$/,
  blocks: /^user:([^:]+):blocks$/,
  threads: /^user:([^:]+):threads$/,
  direct: /^direct:([^:]+)$/,
  invites: /^thread:([^:]+):invites$/,
  invite: /^invite:([^:]+)$/,
  presence: /^presence$/,
  online: /^online$/,
  reports: /^reports$/,
  report: /^report:([^:]+)$/,
  reported: /^reported:([^:]+)$/,
  actor: /^actor:([^:]+)$/,
  outbox: /^outbox$/,
  outboxLease: /^outbox:lease$/,
  outboxTries: /^outbox:tries$/,
  outboxDead: /^outbox:dead$/,
  outboxUnread: /^outbox:unread$/,
  pushKeys: /^push:keys$/,
  pushUsers: /^push:users$/,
  devices: /^user:([^:]+):devices$/,
  pushed: /^push:count:([^:]+)$/,
  pushOutbox: /^push:outbox$/,
  pushLease: /^push:lease$/,
  pushDue: /^push:due$/,
  preview: /^preview:([^:]+)$/,
  file: /^file:([^:]+)$/,
  files: /^files$/,
  threadFiles: /^thread:([^:]+):files$/,
  uploads: /^uploads:([^:]+)$/,
  probe: /^probe:(.+)$/,
};

/** The pattern, as SCAN takes it, of all keys of a chat. */
export function patternOf(keys: Keys): string {
  return `${prefixOf(keys).replace(/[\\*?[\]]/g, "\\$&")}*`;
}

/** Reads a key back from its spelling; undefined for one that is no key of this chat. */
export function readKey(keys: Keys, key: string): FoundKey | undefined {
  const prefix = prefixOf(keys);
  if (!key.startsWith(prefix)) return undefined;
  for (const [name, pattern] of Object.entries(SPELLINGS)) {
    const [whole, of = "", part = ""] = pattern.exec(key.slice(prefix.length)) ?? [];
    if (whole !== undefined && isKind(name)) return { key, kind: name, of, part };
  }
  return undefined;
}

function prefixOf({ clock }: Keys): string {
  return clock.slice(0, -"clock".length);
}

function isKind(name: string): name is keyof Keys {
  return name in SPELLINGS;
}

/** The name, in place of a thread's, of the delivery log of what concerns one entity alone. No thread id has an "@". */
export const ownLog = (entity: string) => `@${encode(entity)}`;

/** Returns the keys of all shards of `tips`. */
export function tipsKeys(keys: Keys): string[] {
  const prefix = prefixOf(keys);
  return Array.from({ length: SHARDS }, (_, i) => `${prefix}tips:${i}`);
}

/** Encodes an entity so that it holds no separator of keys, fields or wire lines. */
export function encode(entity: string): string {
  return encodeURIComponent(entity);
}

/** Reads an entity that was encoded. Throws `unavailable`: only a store that is damaged holds another spelling. */
export function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new Fault("unavailable", { retryAfter: 5 });
  }
}

/** Hashes a credential for use at rest: SHA-256, base64url. */
export function digest(text: string): string {
  return hash("sha256", text, "base64url");
}

const SHARDS = 16;

/** The shard (0–15) of a thread in `tips`: bounds each zset well under Upstash's 100 MB a key. */
export function shard(id: string): number {
  let sum = 0;
  for (let i = 0; i < id.length; i++) sum = (sum * 31 + id.charCodeAt(i)) >>> 0;
  return sum % SHARDS;
}

function lengthPrefixed(entities: readonly string[]): string {
  const distinct = [...new Set(entities)].sort();
  return distinct.map((entity) => `${entity.length}:${entity}`).join("");
}
