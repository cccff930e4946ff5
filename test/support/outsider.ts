import * as v from "valibot";
import type { Reply, Site } from "./site.js";

/** Where an outsider calls: a server process, or a chat in this process. */
export type Place = Pick<Site, "call" | "token">;

// What PROFILE says of an answer, and not one property more.
const Delivered = v.looseObject({ type: v.string() });
const Answer = v.strictObject({
  timestamp: v.string(),
  prev: v.string(),
  cursor: v.string(),
  stanzas: v.array(Delivered),
  more: v.exactOptional(v.literal(true)),
  pause: v.exactOptional(v.number()),
  hold: v.exactOptional(v.number()),
});
export type Answer = v.InferOutput<typeof Answer>;

const Message = v.looseObject({ id: v.string(), thread: v.string(), seq: v.number(), timestamp: v.string() });
export type Message = v.InferOutput<typeof Message>;

const Sent = v.strictObject({
  type: v.literal("message"),
  id: v.string(),
  thread: v.string(),
  seq: v.number(),
  timestamp: v.string(),
  duplicate: v.exactOptional(v.literal(true)),
});
export type Sent = v.InferOutput<typeof Sent>;
const Results = v.strictObject({ timestamp: v.string(), results: v.array(v.unknown()) });

const Thread = v.strictObject({
  id: v.string(),
  kind: v.picklist(["direct", "room"]),
  subject: v.exactOptional(v.string()),
  seq: v.number(),
  created: v.string(),
  updated: v.string(),
  members: v.array(
    v.strictObject({
      entity: v.string(),
      role: v.picklist(["owner", "member", "visitor"]),
      read: v.number(),
      actor: v.exactOptional(v.looseObject({ id: v.string() })),
    }),
  ),
  memberCount: v.number(),
  unread: v.number(),
  last: v.exactOptional(Message),
  muted: v.exactOptional(v.literal(true)),
  hidden: v.exactOptional(v.literal(true)),
  pinned: v.exactOptional(v.literal(true)),
  markedUnread: v.exactOptional(v.literal(true)),
  notify: v.exactOptional(v.string()),
  history: v.exactOptional(v.literal("joined")),
  slow: v.exactOptional(v.number()),
});
export type Thread = v.InferOutput<typeof Thread>;

/** Somebody with a chat token, who knows no more of the server than PROFILE tells. */
export type Outsider = {
  entity: string;
  token: string;
  /** Where their stream began. */
  cursor: string;
  expires: string;
  /** Calls with the token in the Authorization header. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** Posts to *send*. */
  send(body: unknown): Promise<Reply>;
  /** Sends a message that must be taken. */
  say(message: Record<string, unknown>): Promise<Sent>;
  /** Asks the stream once, at another instance if it is named; without `cursor` in the query it is the bare URL. */
  poll(query?: string, at?: Place): Promise<Answer>;
  /** Reads everything after a cursor, answer by answer up to an empty one; from the token's birth when there is none. */
  news(cursor?: string, at?: Place): Promise<Answer["stanzas"]>;
  /** Reads a thread that must be there. */
  thread(id: string): Promise<Thread>;
};

/** Makes somebody a chat token. */
export async function outsider(site: Place, entity: string, claims: Record<string, unknown> = {}): Promise<Outsider> {
  const { token, cursor, expires } = await site.token(entity, claims);
  const call: Outsider["call"] = (method, path, body, headers = {}) =>
    site.call(method, path, { body, headers: { authorization: `Bearer ${token}`, ...headers } });
  const send = (body: unknown) => site.call("POST", `send/${token}`, { body });
  const poll = async (query = "", at = site) => asAnswer(await at.call("GET", `stream/${token}${query}`));
  return {
    ...{ entity, token, cursor, expires, call, send, poll },
    async say(message) {
      const reply = await send({ type: "message", message });
      if (reply.status !== 200) throw new Error(`Cannot send: ${reply.status} ${reply.text}`);
      return v.parse(Sent, v.parse(Results, reply.json).results[0]);
    },
    async news(from = cursor, at = site) {
      const all: Answer["stanzas"] = [];
      for (let next = from; ; ) {
        const answer = await poll(`?wait=0&cursor=${encodeURIComponent(next)}`, at);
        if (answer.stanzas.length === 0) return all;
        all.push(...answer.stanzas);
        next = answer.cursor;
      }
    },
    async thread(id) {
      const reply = await call("GET", `threads/${id}`);
      if (reply.status !== 200) throw new Error(`Cannot read a thread: ${reply.status} ${reply.text}`);
      return v.parse(Thread, reply.json);
    },
  };
}

/** Reads an answer of the stream, but for who is there: that may come at any time, and is another matter. */
export function asAnswer(reply: Reply): Answer {
  if (reply.status !== 200) throw new Error(`Cannot read the stream: ${reply.status} ${reply.text}`);
  const answer = v.parse(Answer, reply.json);
  return { ...answer, stanzas: answer.stanzas.filter((it) => it.type !== "presence") };
}

/** Takes the messages out of a stream. */
export function messages(stanzas: Answer["stanzas"]): Message[] {
  return stanzas.filter((it) => it.type === "message").map((it) => v.parse(Message, it.message));
}

const Threads = v.strictObject({
  threads: v.array(Thread),
  more: v.exactOptional(v.literal(true)),
  before: v.exactOptional(v.string()),
});

/** Reads the body of a thread, or of a list of threads. */
export const asThread = (reply: Reply): Thread => v.parse(Thread, reply.json);
export const asThreads = (reply: Reply): Thread[] => v.parse(Threads, reply.json).threads;

const Page = v.strictObject({ messages: v.array(Message), first: v.number(), last: v.number() });

/** Reads the body of a page of history. */
export const asPage = (reply: Reply): v.InferOutput<typeof Page> => v.parse(Page, reply.json);

/** A name that nobody else in this store has. */
export const somebody = (() => {
  let count = 0;
  return (name = "somebody") => `${name},${++count}`;
})();

/** Takes a property out of the body of an answer; undefined when it is not there. */
export function part(reply: Reply | undefined, ...path: string[]): unknown {
  return path.reduce<unknown>((value, name) => {
    const parsed = v.safeParse(v.record(v.string(), v.unknown()), value);
    return parsed.success ? parsed.output[name] : undefined;
  }, reply?.json);
}
