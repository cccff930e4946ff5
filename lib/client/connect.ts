import { clock } from "./environment/backoff.js";
import { calls } from "./http/paths.js";
import type { Chat, ChatEvent, ConnectOptions, Listener } from "./protocol/chat.js";
import { Session } from "./session.js";

export type * from "./protocol/chat.js";
export { type ChatCode, ChatError, type Problem } from "./protocol/problem.js";
export type { Report } from "./protocol/report.js";
export type * from "./protocol/stanza.js";

/** Connects one user to their chat, and follows it until it is closed. */
export function connect(options: ConnectOptions = {}): Chat {
  const session = new Session(options, clock);
  const { hearing, ledger, deployment } = session;
  return {
    get me() {
      return session.me;
    },
    get state() {
      return session.state;
    },
    continuity: ledger.counts,
    on: <T extends ChatEvent["type"]>(type: T, listener: Listener<T>) => hearing.on(type, listener),
    [Symbol.asyncIterator]: () => hearing.iterate(),
    send(draft) {
      const sent = session.send(draft);
      // Who does not wait for it is told by an event.
      sent.catch(() => {});
      return sent;
    },
    edit: (thread, id, changes) => session.say("edit", { thread, id, ...changes }),
    retract: (thread, id) => session.say("retract", { thread, id }),
    react: (thread, id, emoji, { remove = false } = {}) => session.say("reaction", { thread, id, emoji, remove }),
    ...calls(deployment, ledger),
    report: () => session.report(),
    close: async () => session.close(),
  };
}
