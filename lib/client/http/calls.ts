import type { ContinuityTracker } from "../follow/continuity.js";
import type { Chat } from "../protocol/chat.js";
import type { Actor, HistoryPage, Presence, Thread } from "../protocol/stanza.js";
import type { Deployment } from "./deployment.js";

type Calls = Pick<
  Chat,
  | "threads"
  | "thread"
  | "history"
  | "create"
  | "change"
  | "invite"
  | "join"
  | "friends"
  | "actors"
  | "blocks"
  | "block"
  | "setting"
  | "read"
  | "typing"
  | "presence"
>;

/** Returns the calls of a chat that are one request each. */
export function calls(deployment: Deployment, tracker: ContinuityTracker): Calls {
  const post = <T>(path: string, body: unknown) => deployment.call<T>(path, { method: "POST", body });
  const send = async (type: string, payload: unknown, attempts?: number) => {
    await deployment.call("send", { method: "POST", body: { type, [type]: payload } }, attempts);
  };
  return {
    threads: async (query = {}) => (await deployment.call<{ threads: Thread[] }>("threads", { query })).threads,
    thread: (id) => deployment.call(threadPath(id)),
    async history(id, query = {}) {
      const page = await deployment.call<HistoryPage>(`${threadPath(id)}/messages`, { query });
      tracker.onPage(id, page.messages);
      return page;
    },
    create: (thread) => post("threads", thread),
    change: (id, body) => deployment.call(threadPath(id), { method: "PATCH", body }),
    invite: (id, options = {}) => post(`${threadPath(id)}/invites`, options),
    join: (code) => post("threads/join", { code }),
    friends: async () => (await deployment.call<{ friends: Presence[] }>("friends")).friends,
    actors: async (ids) => (await deployment.call<{ actors: Actor[] }>("actors", { query: { ids } })).actors,
    blocks: async () => (await deployment.call<{ blocks: string[] }>("blocks")).blocks,
    block: (entity, { remove } = {}) => send("block", { entity, remove }),
    setting: (thread, setting) => send("setting", { thread, ...setting }),
    read: (thread, seq) => send("receipt", { thread, seq }),
    // Not retried: a chat state is out of date by then.
    typing: (thread, state = "composing") => send("state", { thread, state }, 1),
    presence: (presence) => send("presence", [presence]),
  };
}

export function threadPath(thread: string): string {
  return `threads/${encodeURIComponent(thread)}`;
}
