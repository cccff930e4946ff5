import type { Ledger } from "../follow/continuity.js";
import type { Chat } from "../protocol/chat.js";
import type { Actor, Message, Presence, Thread } from "../protocol/stanza.js";
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

/** What is asked for and answered, beside the stream. */
export function calls(deployment: Deployment, ledger: Ledger): Calls {
  const post = <T>(path: string, body: unknown) => deployment.call<T>(path, { method: "POST", body });
  const say = async (type: string, payload: unknown, attempts?: number) => {
    await deployment.call("send", { method: "POST", body: { type, [type]: payload } }, attempts);
  };
  return {
    threads: async (query = {}) => (await deployment.call<{ threads: Thread[] }>("threads", { query })).threads,
    thread: (id) => deployment.call(place(id)),
    async history(id, query = {}) {
      const page = await deployment.call<Page>(`${place(id)}/messages`, { query });
      ledger.hold(id, page.messages);
      return page;
    },
    create: (thread) => post("threads", thread),
    change: (id, body) => deployment.call(place(id), { method: "PATCH", body }),
    invite: (id, options = {}) => post(`${place(id)}/invites`, options),
    join: (code) => post("threads/join", { code }),
    friends: async () => (await deployment.call<{ friends: Presence[] }>("friends")).friends,
    actors: async (ids) => (await deployment.call<{ actors: Actor[] }>("actors", { query: { ids } })).actors,
    blocks: async () => (await deployment.call<{ blocks: string[] }>("blocks")).blocks,
    block: (entity, { remove } = {}) => say("block", { entity, remove }),
    setting: (thread, setting) => say("setting", { thread, ...setting }),
    read: (thread, seq) => say("receipt", { thread, seq }),
    // Who types has typed on before a second attempt would come.
    typing: (thread, state = "composing") => say("state", { thread, state }, 1),
    presence: (presence) => say("presence", [presence]),
  };
}

export type Page = { messages: Message[]; first: number; last: number };

export function place(thread: string): string {
  return `threads/${encodeURIComponent(thread)}`;
}
