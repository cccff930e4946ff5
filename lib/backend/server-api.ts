import { randomUUID } from "node:crypto";
import * as v from "valibot";
import {
  Actor,
  Actors,
  Bans,
  DeadLetters,
  ImportResult,
  Line,
  Members,
  Messages,
  Next,
  Nothing,
  Part,
  Replayed,
  Reports,
  Results,
  Thread,
  Threads,
} from "./answer-schemas.js";
import { inBatches, type ServerImport } from "./import-batches.js";
import { readAnswer, readLines } from "./server-answer.js";
import { type Query, queryOf, type ServerCall, segment, toCall } from "./server-call.js";

/** One thing that is kept of a user: what it is, and that itself, as in `{type: "message", message: {…}}`. */
export type ExportedLine = v.InferOutput<typeof Line>;

/** A stanza to send (docs/protocol.md): `{type: "message", message: {…}}`, and so on. */
export type ServerStanza = { type: string; [payload: string]: unknown };

/** A user as whom to act. Without one, the chat's own system user acts. */
export type As = { as?: string | null | undefined };

/** A thread to create. With an `id`, a second attempt finds the room that the first one created. */
export type ServerThread = {
  kind: "direct" | "room";
  /** The entities of the members, besides the one as whom it is created. */
  members: string[];
  subject?: string;
  id?: string | null | undefined;
  /** What members read of the time before they joined. */
  history?: "all" | "joined";
};

/** A change of a thread: all of it or nothing. Each list names up to 1,000 entities. */
export type ServerThreadChange = {
  subject?: string;
  add?: string[];
  remove?: string[];
  /** Removes these users, and lets them in no more. */
  ban?: string[];
  unban?: string[];
  role?: { entity: string; role: "owner" | "member" | "visitor" };
  /** What members read of the time before they joined. */
  history?: "all" | "joined";
  /** Seconds between two messages of a member who is no owner, 0–3600; 0 ends slow mode. */
  slow?: number;
};

/** A user's description. What is left out is removed. */
export type ServerProfile = {
  id: string;
  displayName?: string;
  /** URL of a picture. */
  image?: string;
  /** URL of a profile page. */
  url?: string;
  /** Extension properties. */
  actor?: Record<string, unknown>;
};

/**
 * What the server of the host can do. Each function throws a `ServerError`, whose `code` is that of the problem (docs/problems.md), and can be
 * called again after a failure.
 */
export type ServerApi = ReturnType<typeof createServerApi>;

/** Creates the functions over a way to make calls. */
export function createServerApi(call: (request: ServerCall) => Promise<Response>) {
  const ask = async <Result>(
    schema: v.GenericSchema<unknown, Result>,
    method: string,
    path: string,
    query: Query = {},
    body?: unknown,
  ): Promise<Result> => readAnswer(await call(toCall(method, `/server/${path}${queryOf(query)}`, body)), schema);
  const readPart = async (entity: string, after?: string) =>
    readLines(await call(toCall("GET", `/server/export${queryOf({ entity, after })}`, undefined)), Line);
  return {
    /**
     * Sends one stanza or up to 20, in order, and returns their results. Messages without an `id` get one, so that no retry sends one twice.
     * Throws at the first that fails, with the `results` before it and its index, `failed`.
     *
     * @example
     * await chat.send({ type: "message", message: { thread: "order-17", text: "Your parcel is on its way" } });
     */
    send: (stanzas: ServerStanza | ServerStanza[], { as }: As = {}) =>
      ask(Results, "POST", "send", { as }, { stanzas: [stanzas].flat().map(identified) }),
    /** Lists the threads of a user, latest activity first: up to `limit`, those after the thread `before`. */
    threads: (as: string, query: { limit?: number; before?: string } = {}) =>
      ask(Threads, "GET", "threads", { as, ...query }),
    /** Finds or creates a thread, which the user owns as whom it is created. */
    createThread: (thread: ServerThread, { as }: As = {}) =>
      ask(
        Thread,
        "POST",
        "threads",
        { as },
        thread.kind === "room" ? { ...thread, id: thread.id ?? randomUUID() } : thread,
      ),
    /** Reads a thread, with up to 100 of its members. */
    thread: (id: string, { as }: As = {}) => ask(Thread, "GET", `threads/${segment(id)}`, { as }),
    /** Lists up to 100 members of a thread, in the order in which they joined; if there are `more`, those `after` the page that says so. */
    members: (id: string, query: { after?: string; limit?: number } & As = {}) =>
      ask(Members, "GET", `threads/${segment(id)}/members`, query),
    /** Changes members, roles, bans, the subject, the history or the slow mode of a thread. The system may do what an owner may. */
    changeThread: (id: string, change: ServerThreadChange, { as }: As = {}) =>
      ask(Nothing, "PATCH", `threads/${segment(id)}`, { as }, change),
    /** Deletes a thread with all that belongs to it. */
    deleteThread: (id: string) => ask(Nothing, "DELETE", `threads/${segment(id)}`),
    /** Reads up to 100 messages (50 by default): the oldest after the seq `after`, else the newest before `before`. */
    messages: (id: string, query: { before?: number; after?: number; limit?: number } & As = {}) =>
      ask(Messages, "GET", `threads/${segment(id)}/messages`, query),
    /**
     * Adds old messages to a thread, in their order, with their `id` (a UUID), `sender` (an entity), `timestamp`, and what else a message has. Those that the
     * thread has already are left out, so that an import can be repeated. Members are not told of them, and have read them unless `unread` is true.
     */
    importMessages: (thread: string, messages: ServerImport[], { unread = false }: { unread?: boolean } = {}) =>
      inBatches(messages, (some) =>
        ask(ImportResult, "POST", `threads/${segment(thread)}/import`, {}, { messages: some, unread }),
      ),
    /** Describes up to 100 users; those without a description are left out. */
    profiles: (ids: string[]) => ask(Actors, "GET", "profiles", { ids }),
    /** Writes the whole description of a user, without a session. The claims of the user's next session replace it. */
    writeProfile: (profile: ServerProfile) => ask(Actor, "POST", "profiles", {}, profile),
    /** Makes a user appear offline until the user's next presence stanza. */
    makeUnavailable: (entity: string) => ask(Nothing, "DELETE", "presence", { entity }),
    /** Revokes all chat tokens of a user. */
    revokeTokens: (entity: string) => ask(Nothing, "DELETE", "tokens", { entity }),
    /**
     * Erases a user: leaves tombstones of the user's messages, and removes everything else that names the user. It takes as many calls as the store is
     * large; if it throws, call it again. End the user's sessions first: who comes back is a new user.
     */
    erase: async (entity: string) => {
      let { next }: v.InferOutput<typeof Part> = await ask(Part, "POST", "erasures", {}, { entity });
      while (next !== undefined) ({ next } = await ask(Part, "POST", "erasures", {}, { entity, after: next }));
    },
    /**
     * Yields what is kept of a user, object by object: `profile`, `membership`, `message`, `reaction`, `invite`, `report`, `block`, `ban`. One may
     * come twice.
     */
    export: (entity: string) => exported((after) => readPart(entity, after)),
    /** Lists up to 50 open reports of messages, the oldest first, those after the `id` of one. */
    reports: (query: { after?: string } = {}) => ask(Reports, "GET", "reports", query),
    /** Decides on a report and resolves it: accepts the message, retracts it, or bans its author from the deployment. */
    decide: (report: string, action: "accept" | "retract" | "ban") =>
      ask(Nothing, "POST", `reports/${segment(report)}`, {}, { action }),
    /** Lists the webhooks that your server did not take for a day: up to 100, the oldest first, those after a `place`. */
    deadLetters: (query: { after?: string } = {}) => ask(DeadLetters, "GET", "dead-letters", query),
    /** Sends up to 100 of them once more, under the ids that they had, and returns how many there were. */
    replay: (places: string[]) => ask(Replayed, "POST", "dead-letters", {}, { places }),
    /** Bans a user from the whole deployment: sessions and tokens are refused with `banned`, held polls end. */
    ban: (entity: string) => ask(Nothing, "POST", "bans", {}, { entity }),
    /** Lifts a ban. */
    unban: (entity: string) => ask(Nothing, "DELETE", "bans", { entity }),
    /** Lists up to 1,000 bans, ordered by entity, those after an entity. */
    bans: (query: { after?: string } = {}) => ask(Bans, "GET", "bans", query),
  };
}

/** Reads lines of JSON. The last one of each part says where the next one begins. */
async function* exported(readPart: (after?: string) => Promise<ExportedLine[]>): AsyncGenerator<ExportedLine> {
  for (let after: string | undefined; ; ) {
    const lines = await readPart(after);
    for (const line of lines) if (line.type !== "next") yield line;
    const last = v.safeParse(Next, lines.at(-1));
    if (!last.success) return;
    ({ after } = last.output);
  }
}

function identified(stanza: ServerStanza): ServerStanza {
  const { type, message } = stanza;
  if (type !== "message" || typeof message !== "object" || message === null) return stanza;
  // The chat reads an empty one as none.
  const { id }: { id?: unknown } = message;
  return { ...stanza, message: { ...message, id: id || randomUUID() } };
}
