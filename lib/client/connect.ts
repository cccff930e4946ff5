import { clock } from "./environment/backoff.js";
import type { Chat, ChatEvent, ConnectOptions, Listener } from "./protocol/chat.js";
import { Session } from "./session.js";

export type * from "./protocol/chat.js";
export type * from "./protocol/continuity.js";
export type * from "./protocol/file.js";
export { type ChatCode, ChatError, type Problem } from "./protocol/problem.js";
export type * from "./protocol/push-options.js";
export type { Report } from "./protocol/report.js";
export type * from "./protocol/stanza.js";
export type * from "./protocol/thread-change.js";

/**
 * Connects one user to the chat, and receives its events until `close()`.
 *
 * @example
 * const chat = connect({ getToken: async () => (await fetch("/my/chat-token", { method: "POST" })).json() });
 * chat.on("message", ({ message }) => show(message));
 * await chat.send({ to: ["ben"], text: "Hello" });
 */
export function connect(options: ConnectOptions = {}): Chat {
  const session = new Session(options, clock);
  const { events, tracker } = session;
  return {
    get me() {
      return session.me;
    },
    get state() {
      return session.state;
    },
    continuity: tracker.counts,
    on: <T extends ChatEvent["type"]>(type: T, listener: Listener<T>) => events.on(type, listener),
    [Symbol.asyncIterator]: () => events.iterate(),
    send(draft) {
      const sent = session.send(draft);
      // A caller that does not await the promise gets an event with the refusal.
      sent.catch(() => {});
      return sent;
    },
    edit: (thread, id, changes) => session.sendStanza("edit", { thread, id, ...changes }),
    retract: (thread, id) => session.sendStanza("retract", { thread, id }),
    react: (thread, id, emoji, { remove = false } = {}) =>
      session.sendStanza("reaction", { thread, id, emoji, remove }),
    withdraw: (id) => session.withdraw(id),
    threads: (...args) => session.call("threads", args),
    thread: (...args) => session.call("thread", args),
    members: (...args) => session.call("members", args),
    history: (...args) => session.call("history", args),
    search: (...args) => session.call("search", args),
    preview: (...args) => session.call("preview", args),
    files: (...args) => session.call("files", args),
    upload: (...args) => session.call("upload", args),
    create: (...args) => session.call("create", args),
    change: (...args) => session.call("change", args),
    invite: (...args) => session.call("invite", args),
    readInvite: (...args) => session.call("readInvite", args),
    join: (...args) => session.call("join", args),
    friends: (...args) => session.call("friends", args),
    actors: (...args) => session.call("actors", args),
    blocks: (...args) => session.call("blocks", args),
    block: (...args) => session.call("block", args),
    reportMessage: (...args) => session.call("reportMessage", args),
    setting: (...args) => session.call("setting", args),
    read: (...args) => session.call("read", args),
    typing: (...args) => session.call("typing", args),
    presence: (presence) => session.presence(presence),
    push: (options = {}) => session.push(options),
    stopPush: () => session.push(),
    report: () => session.report(),
    close: async () => session.close(),
    forget: () => session.forget(),
  };
}
