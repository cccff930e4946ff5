import { linked } from "../environment/abort.js";
import { uuid } from "../environment/uuid.js";
import type { ContinuityTracker } from "../follow/continuity.js";
import type { Chat } from "../protocol/chat.js";
import type { Actor, HistoryPage, Presence, Thread, ThreadPage } from "../protocol/stanza.js";
import type { NewThread, ThreadChange } from "../protocol/thread-change.js";
import type { Deployment } from "./deployment.js";
import { fileCalls } from "./file-calls.js";
import { isDone } from "./thread-change.js";

export type Calls = Pick<
  Chat,
  | "threads"
  | "thread"
  | "members"
  | "history"
  | "search"
  | "preview"
  | "files"
  | "upload"
  | "create"
  | "change"
  | "invite"
  | "readInvite"
  | "join"
  | "friends"
  | "actors"
  | "blocks"
  | "block"
  | "reportMessage"
  | "setting"
  | "read"
  | "typing"
  | "presence"
>;

/** The calls of a chat that are one request each; `overtake` aborts the chat states of a thread that are under way, or all of them. */
export type CallsWithStates = Calls & { overtake(thread: string | undefined): void };

/** Returns the calls of the user with the id that `me` returns; `read` sends receipts. */
export function calls(
  deployment: Deployment,
  tracker: ContinuityTracker,
  me: () => string | undefined,
  read: Chat["read"],
): CallsWithStates {
  const get = <T>(path: string, has: string, query = {}) => deployment.call<T>(path, { query, has });
  const post = <T>(path: string, has: string, body: unknown) => deployment.call<T>(path, { method: "POST", has, body });
  const send = async (type: string, payload: unknown) => {
    await post("send", "results", { type, [type]: payload });
  };
  const thread = (id: string) => get<Thread>(threadPath(id), "id");
  return {
    threads: (query) => listThreads(query, (part) => get("threads", "threads", part)),
    thread,
    members: (id, page) => get(`${threadPath(id)}/members`, "members", page),
    async history(id, query) {
      const page = await get<HistoryPage>(`${threadPath(id)}/messages`, "messages", query);
      tracker.onPage(id, page.messages);
      return page;
    },
    preview: (url) => post("previews", "title", { url }),
    ...fileCalls(deployment),
    search: (q, page) => get("search", "results", { q, ...page }),
    create: (draft) => create(deployment, draft, me(), thread),
    change: (id, change) => changeThread(deployment, id, change, me(), thread),
    invite: (id, options = {}) => post(`${threadPath(id)}/invites`, "code", options),
    readInvite: (code) => get(`invites/${encodeURIComponent(code)}`, "thread"),
    join: (code) => post("threads/join", "id", { code }),
    friends: async () => (await get<{ friends: Presence[] }>("friends", "friends")).friends,
    actors: async (ids) => (await get<{ actors: Actor[] }>("actors", "actors", { ids })).actors,
    blocks: () => listBlocks((after) => get("blocks", "blocks", after)),
    block: (entity, { remove } = {}) => send("block", { entity, remove }),
    reportMessage: (thread, id, reason) => send("report", { thread, id, reason }),
    setting: (thread, setting) => send("setting", { thread, ...setting }),
    read,
    ...chatStates(deployment),
    presence: (presence) => send("presence", [presence]),
  };
}

/** Sends a receipt. The page may be left meanwhile; `last`: the chat closes, so it is tried once, with the token there is. */
export async function sendReceipt(deployment: Deployment, thread: string, seq: number, last: boolean): Promise<void> {
  const body = { type: "receipt", receipt: { thread, seq } };
  const options = { method: "POST", has: "results", body, keepalive: true };
  if (!last) return deployment.call("send", options);
  const { token } = await deployment.credentials.get();
  await deployment.request("send", { ...options, token, signal: new AbortController().signal });
}

export function threadPath(thread: string): string {
  return `threads/${encodeURIComponent(thread)}`;
}

// As many as the deployment returns to a request that names no number.
const THREADS = 50;

type ThreadsPart = { threads: Thread[]; more?: true; before?: string };

/**
 * Reads one page of threads. The deployment responds with a part of it where the whole would be too large, or where many are hidden. After
 * a full page it does not say whether there are more: it is gone on from by time, which no thread takes along that becomes active or is gone.
 */
async function listThreads(
  { limit = THREADS, before, ...only }: Parameters<Chat["threads"]>[0] = {},
  get: (query: object) => Promise<ThreadsPart>,
): Promise<ThreadPage> {
  const all: Thread[] = [];
  for (let from = before; ; ) {
    const part = await get({ limit: limit - all.length, before: from, ...only });
    all.push(...part.threads);
    const isFull = all.length >= limit;
    const next = (part.more && part.before) ?? (isFull ? all.at(-1)?.updated : undefined);
    if (next === undefined || next === from) return all;
    if (isFull) return Object.assign(all, { before: next });
    from = next;
  }
}

/** Reads all of a user's blocks: a user may have more of them than fit into one response. */
async function listBlocks(get: (query: object) => Promise<{ blocks: string[]; more?: true }>): Promise<string[]> {
  const all: string[] = [];
  for (;;) {
    const { blocks, more } = await get({ after: all.at(-1) });
    all.push(...blocks);
    if (!more || blocks.length === 0) return all;
  }
}

/**
 * Creates a thread. A room gets its id here, so that a request that is repeated, since its response was lost, finds the room. Browsers repeat some
 * by themselves, when a connection that was used before ends: so no count of attempts tells whether this one is the first.
 */
async function create(
  deployment: Deployment,
  draft: NewThread,
  me: string | undefined,
  find: (id: string) => Promise<Thread>,
): Promise<Thread> {
  const body = draft.kind === "room" ? { ...draft, id: draft.id ?? uuid() } : draft;
  try {
    return await deployment.call<Thread>("threads", { method: "POST", has: "id", body });
  } catch (error) {
    if (!(error instanceof deployment.Error) || error.code !== "thread_conflict" || body.id === undefined) throw error;
    const thread = await find(body.id).catch(() => undefined);
    if (thread?.members.some(({ entity, role }) => entity === me && role === "owner")) return thread;
    throw error;
  }
}

/** Changes a thread. What is refused only since an earlier attempt did it, whose response was lost, is done. */
async function changeThread(
  deployment: Deployment,
  id: string,
  change: ThreadChange,
  me: string | undefined,
  find: (id: string) => Promise<Thread>,
): Promise<Thread | undefined> {
  try {
    return await deployment.call(threadPath(id), { method: "PATCH", has: "id", body: change });
  } catch (error) {
    if (!(error instanceof deployment.Error)) throw error;
    if (error.code === "thread_not_found" && me !== undefined && change.remove?.includes(me)) return undefined;
    // Who has given up a role may not give it up again.
    const thread = error.code === "forbidden" ? await find(id).catch(() => undefined) : undefined;
    if (thread !== undefined && isDone(thread, change)) return thread;
    throw error;
  }
}

/** Sends chat states. One that a message has overtaken would come after the message, and is aborted. */
function chatStates(deployment: Deployment): Pick<CallsWithStates, "typing" | "overtake"> {
  const underWay = new Set<{ thread: string; abort(): void }>();
  return {
    async typing(thread, state = "composing") {
      const { signal, abort, done } = linked(deployment.closed);
      const own = { thread, abort };
      underWay.add(own);
      const body = { type: "state", state: { thread, state } };
      try {
        // Not retried: a chat state is out of date by then.
        await deployment.call("send", { method: "POST", has: "results", body, signal }, 1);
      } catch (error) {
        if (!signal.aborted || deployment.closed.aborted) throw error;
      } finally {
        underWay.delete(own);
        done();
      }
    },
    overtake(thread) {
      for (const it of underWay) if (thread === undefined || it.thread === thread) it.abort();
    },
  };
}
