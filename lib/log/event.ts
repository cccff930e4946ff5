import * as v from "valibot";

/**
 * What happened, as the tails see it. `direct` is what somebody says in a direct thread, which who blocks them is not told; `post` is a lasting stanza to all members; `join` and `leave` are lasting ones that also
 * change who they are; `own` goes to the streams of `by` alone; `state` to all members but `by`; `presence` to whoever shares a thread with `by`;
 * `delivered` to all members of a direct thread but `by`, on streams that ask for it; `revoke` ends tokens; `epoch` says that the numbering starts anew. The last two are never delivered.
 */
export type Kind =
  | "direct"
  | "post"
  | "join"
  | "leave"
  | "own"
  | "state"
  | "presence"
  | "delivered"
  | "revoke"
  | "epoch";

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

const KINDS: ReadonlySet<string> = new Set<Kind>([
  "direct",
  "post",
  "join",
  "leave",
  "own",
  "state",
  "presence",
  "delivered",
  "revoke",
  "epoch",
]);

/** Tells whether a text names a kind of event that this version knows. */
export function isKind(text: string): text is Kind {
  return KINDS.has(text);
}

/** Reads a line of the wire, `1 <epoch> <n> <tag> <kind> <by> <thread> <body>`; undefined for what this version cannot read. */
export function parseLine(line: string): { epoch: string; event: Event } | undefined {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < 7; i++) {
    const end = line.indexOf(" ", start);
    if (end < 0) return undefined;
    parts.push(line.slice(start, end));
    start = end + 1;
  }
  const [version, epoch, n, tag, kind, by, thread] = parts;
  if (version !== "1" || !epoch || !n || !tag || !kind || !by || !thread || !isKind(kind)) return undefined;
  const number = Number(n);
  if (!Number.isSafeInteger(number)) return undefined;
  return { epoch, event: { n: number, tag, kind, by, thread, body: line.slice(start) } };
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
