import * as v from "valibot";

const KINDS = [
  /** What somebody says in a direct thread; not delivered to a member who blocks them. */
  "direct",
  /** A lasting stanza to all members. */
  "post",
  /** Lasting stanzas that also change who the members are. */
  "join",
  "leave",
  /** To the streams of `by` alone. */
  "own",
  /** To all members but `by`; not kept. */
  "state",
  /** To everybody who shares a thread with `by`. */
  "presence",
  /** To all members of a direct thread but `by`, on streams that ask for it. */
  "delivered",
  /** Ends tokens. Never delivered. */
  "revoke",
  /** The numbering starts anew. Never delivered. */
  "epoch",
  /** Of a kind or version that this instance does not know: a newer one wrote it. It counts, and is never delivered. */
  "opaque",
] as const;

export type Kind = (typeof KINDS)[number];

export type Event = {
  n: number;
  tag: string;
  kind: Kind;
  /** Who did it, percent-encoded; "-" for nobody. */
  by: string;
  /** The thread's id; "-" for none. */
  thread: string;
  /** The stanza as JSON, handed on to the letter. */
  body: string;
  /** When this instance heard of it, in ms. */
  heard?: number;
};

const KNOWN: ReadonlyMap<string, Kind> = new Map(KINDS.map((kind) => [kind, kind]));

/** The kind that a text names; `opaque` for what this version does not know. */
export function kindOf(text: string): Kind {
  return KNOWN.get(text) ?? "opaque";
}

// A message begins with its seq, where the script that counts has put it.
const SEQ = /^\{"type":"message","message":\{"seq":(\d{1,15}),/;

/** The seq of the message that an event brings to a direct thread; undefined for any other event. */
export function directSeq({ kind, body }: Event): number | undefined {
  const seq = kind === "direct" ? SEQ.exec(body)?.[1] : undefined;
  return seq === undefined ? undefined : Number(seq);
}

const Delivered = v.pipe(v.string(), v.parseJson(), v.object({ delivered: v.object({ seq: v.number() }) }));

/** Up to which seq somebody has received a thread, as an event tells; 0 for any other event. */
export function deliveredSeq({ kind, body }: Event): number {
  return kind === "delivered" ? v.parse(Delivered, body).delivered.seq : 0;
}

const Entities = v.object({ thread: v.object({ entities: v.array(v.string()) }) });

/** Who joined or left by an event, as its stanza says; nobody by any other kind. */
export function moved(event: Event): string[] {
  if (event.kind !== "join" && event.kind !== "leave") return [];
  return v.parse(Entities, JSON.parse(event.body)).thread.entities;
}

const BlockStanza = v.object({
  type: v.literal("block"),
  block: v.object({ entity: v.string(), remove: v.optional(v.boolean(), false), timestamp: v.string() }),
});

/** Whom (encoded) the author of an event blocks since when, or (undefined) no longer; undefined for any other event. */
export function blocked(event: Event): { whom: string; since: string | undefined } | undefined {
  const parsed = event.kind === "own" ? v.safeParse(BlockStanza, JSON.parse(event.body)) : undefined;
  if (!parsed?.success) return undefined;
  const { entity, remove, timestamp } = parsed.output.block;
  return { whom: encodeURIComponent(entity), since: remove ? undefined : timestamp };
}

const Room = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ thread: v.object({ kind: v.optional(v.string(), "room") }) }),
);

/** Whether an event brings people into a room. A direct thread is no invitation. */
export function invited(event: Event): boolean {
  return event.kind === "join" && v.parse(Room, event.body).thread.kind === "room";
}

/** SHA-256 of revoked tokens, or "all" when revocations may have been missed. */
export type Revocation = ReadonlySet<string> | "all";

const Tokens = v.object({ tokens: v.array(v.string()) });

/** The SHA-256 of the tokens that an event revokes. */
export function revoked(event: Event): string[] {
  return event.kind === "revoke" ? v.parse(Tokens, JSON.parse(event.body)).tokens : [];
}
