import * as v from "valibot";
import { decode } from "../store/keys.js";

const KINDS = [
  /** A lasting stanza in a direct thread; redacted for a member who blocks its author. */
  "direct",
  /** A lasting stanza to all members. */
  "post",
  /** Lasting stanzas that also change the members. */
  "join",
  "leave",
  /** A lasting stanza to the streams of `by` alone. */
  "own",
  /** To all members: how far `by` has read. Of each user and thread only the newest is kept, in no delivery log. */
  "read",
  /** The same in a large room, to the streams of `by` alone. */
  "ownread",
  /** To all members except `by`; not stored. */
  "state",
  /** To all users who share one of the listed threads with `by`; not stored. */
  "presence",
  /** To all members of a direct thread except `by`, on streams that request it; not stored. */
  "delivered",
  /** Revokes tokens. Never delivered. */
  "revoke",
  /** The delivery log of a thread begins anew after it, because a user was erased: streams from before resync. Never delivered. */
  "cut",
  /** Begins a new numbering. Never delivered. */
  "epoch",
  /** An event of a kind or version that this instance does not know, written by a newer one. Its number counts; it is never delivered. */
  "opaque",
] as const;

export type Kind = (typeof KINDS)[number];

export type Event = {
  n: number;
  tag: string;
  kind: Kind;
  /** The author's entity, percent-encoded; "-" for none. */
  by: string;
  /** The thread's id, for presence several, separated by commas; "-" for none. */
  thread: string;
  /** The stanza as JSON, passed on unchanged. */
  body: string;
  /** When this instance received it, in ms. */
  receivedAt?: number;
  /** Whether a later event of this memory says more, so that this one is not delivered any longer. */
  isSuperseded?: true;
};

const KNOWN: ReadonlyMap<string, Kind> = new Map(KINDS.map((kind) => [kind, kind]));

/** Parses a kind; `opaque` for one that this version does not know. */
export function kindOf(text: string): Kind {
  return KNOWN.get(text) ?? "opaque";
}

// A message begins with its seq, which the script that appends it inserts.
const SEQ = /^\{"type":"message","message":\{"seq":(\d{1,15}),/;

/** Returns the seq of the message in an event of a direct thread; undefined for any other event. */
export function directSeq({ kind, body }: Event): number | undefined {
  const seq = kind === "direct" ? SEQ.exec(body)?.[1] : undefined;
  return seq === undefined ? undefined : Number(seq);
}

const DeliveredStanza = v.pipe(v.string(), v.parseJson(), v.object({ delivered: v.object({ seq: v.number() }) }));

/** Returns the seq up to which a thread has been received, by a delivery receipt; 0 for any other event. */
export function deliveredSeq({ kind, body }: Event): number {
  return kind === "delivered" ? v.parse(DeliveredStanza, body).delivered.seq : 0;
}

const Entities = v.object({ thread: v.object({ entities: v.array(v.string()) }) });

/** Returns the users who join or leave by an event; none for any other event. */
export function moved(event: Event): string[] {
  if (event.kind !== "join" && event.kind !== "leave") return [];
  return v.parse(Entities, JSON.parse(event.body)).thread.entities;
}

const BlockStanza = v.object({
  type: v.literal("block"),
  block: v.object({ entity: v.string(), remove: v.optional(v.boolean(), false), timestamp: v.string() }),
});

/**
 * Returns the user (encoded) whom the author of an event blocks, and since when, or undefined for no longer; undefined for any other event.
 */
export function blocked(event: Event): { whom: string; since: string | undefined } | undefined {
  const parsed = event.kind === "own" ? v.safeParse(BlockStanza, JSON.parse(event.body)) : undefined;
  if (!parsed?.success) return undefined;
  const { entity, remove, timestamp } = parsed.output.block;
  return { whom: encodeURIComponent(entity), since: remove ? undefined : timestamp };
}

/** Whether an event belongs on the streams of its author alone. */
export function isOwn({ kind }: Event): boolean {
  return kind === "own" || kind === "ownread";
}

/** Whether an event tells how far a user has read. */
export function isRead({ kind }: Event): boolean {
  return kind === "read" || kind === "ownread";
}

// A chat state is outdated after ten seconds.
const STATE_MS = 10_000;

/** Whether an event is a chat state that is too old to be delivered. */
export function isStale({ kind, receivedAt }: Event, now: number): boolean {
  return kind === "state" && now - (receivedAt ?? now) > STATE_MS;
}

const Room = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ thread: v.object({ kind: v.optional(v.string(), "room") }) }),
);

/** Returns whether an event adds users to a room. A new direct thread does not count. */
export function invited(event: Event): boolean {
  return event.kind === "join" && v.parse(Room, event.body).thread.kind === "room";
}

/** The SHA-256 of revoked tokens, or "all" if revocations may have been missed. */
export type Revocation = ReadonlySet<string> | "all";

const Tokens = v.object({ tokens: v.array(v.string()) });

/** Returns the SHA-256 of the tokens that an event revokes. */
export function revoked(event: Event): string[] {
  return event.kind === "revoke" ? v.parse(Tokens, JSON.parse(event.body)).tokens : [];
}

/** That a user is banned from the deployment, or no longer. */
export type Ban = { entity: string; isBanned: boolean };

/** Whether an event says that a user was erased: nothing from before it is to be answered from memory. It is a revocation, too. */
export function isErasure({ kind, body }: Event): boolean {
  return kind === "revoke" && body.endsWith(',"erased":true}');
}

const Banning = v.pipe(v.string(), v.parseJson(), v.object({ banned: v.boolean() }));

/** Returns what an event says of a ban; undefined for most. For instances of older versions it is a revocation of the user's tokens. */
export function banned({ kind, by, body }: Event): Ban | undefined {
  const parsed = kind === "revoke" ? v.safeParse(Banning, body) : undefined;
  return parsed?.success ? { entity: decode(by), isBanned: parsed.output.banned } : undefined;
}
