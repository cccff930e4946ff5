import { clock, delay } from "./backoff.js";
import { findBase } from "./base.js";
import type { Chat, ChatEvent, ConnectOptions, Continuity, Credential, Listener, State } from "./chat.js";
import { Keeper } from "./credential.js";
import { follow } from "./follower.js";
import { Hearing } from "./hearing.js";
import { ChatError } from "./problem.js";
import { type Ask, requester } from "./request.js";
import type { Actor, Answer, Draft, Message, Sent, Stanza } from "./stanza.js";
import { uuid } from "./uuid.js";

export type * from "./chat.js";
export type { Report } from "./probe.js";
export { type ChatCode, ChatError, type Problem } from "./problem.js";
export type * from "./stanza.js";

const WAIT = 25;

/** Connects one user to their chat, and follows it until it is closed. */
export function connect(options: ConnectOptions = {}): Chat {
  const base = findBase(options.url, import.meta.url);
  const closed = new AbortController();
  options.signal?.addEventListener("abort", () => void close());
  const hearing = new Hearing();
  const request = requester(base, options.fetch ?? ((input, init) => fetch(input, init)));
  const make = options.getToken ?? ((signal: AbortSignal) => request<Credential>("token", { method: "POST", signal }));
  const keeper = new Keeper(options.token, make, closed.signal);
  const continuity: Continuity = { answers: 0, stanzas: 0, messages: 0, resyncs: 0, breaks: 0, holes: 0, repeats: 0 };
  let me: Actor | undefined;
  let state: State = "connecting";

  const become = (next: State, error?: ChatError) => {
    if (state === next && error === undefined) return;
    state = next;
    hearing.tell({ type: "state", state, ...(error === undefined ? {} : { problem: error.problem }) });
  };

  /** Asks with a token, and with another one if that is refused. */
  const withToken = async <T>(ask: (credential: Credential) => Promise<T>): Promise<T> => {
    const credential = await keeper.get();
    try {
      return await ask(credential);
    } catch (error) {
      if (!(error instanceof ChatError) || error.code !== "token_unknown") throw error;
      return await ask(await keeper.get(credential.token));
    }
  };
  const call = async <T>(path: string, ask: Omit<Ask, "signal" | "token"> = {}): Promise<T> => {
    if (closed.signal.aborted) throw new ChatError({ code: "closed", status: 0 });
    return await withToken(({ token }) => request<T>(path, { ...ask, token, signal: closed.signal }));
  };
  const send = (type: string, payload: unknown) =>
    withToken(({ token }) =>
      request<{ results: Sent[] }>(`send/${token}`, {
        method: "POST",
        body: { type, [type]: payload },
        signal: closed.signal,
      }),
    );

  const hand = (stanza: Stanza) => {
    const event = eventOf(stanza);
    if (event !== undefined) hearing.tell(event);
  };
  const take = (answer: Answer) => {
    continuity.answers += 1;
    become("online");
    for (const stanza of answer.stanzas) hand(stanza);
  };

  const start = async () => {
    const first = await keeper.get();
    me = first.actor;
    const ask = (cursor: string | undefined, signal: AbortSignal) =>
      withToken(({ token }) =>
        request<Answer>(`stream/${token}`, { query: { cursor, wait: WAIT }, wait: WAIT, signal }),
      );
    await follow({ ask, take, failed: (error) => become("offline", error) }, first.cursor, closed.signal, clock);
  };

  let before: Promise<unknown> = Promise.resolve();
  const deliver = async (draft: Draft & { id: string }): Promise<Sent> => {
    for (let failures = 1; ; failures++) {
      try {
        const [sent] = (await send("message", draft)).results;
        if (sent !== undefined) return sent;
      } catch (error) {
        if (!(error instanceof ChatError) || !error.passing) throw error;
        await clock.wait(delay(failures, clock.random(), error.retryAfter), closed.signal);
      }
    }
  };
  const close = async () => {
    closed.abort(new ChatError({ code: "closed", status: 0 }));
    become("closed");
    hearing.end();
  };

  void start().catch((error) => become("offline", error));
  const thread = (id: string) => `threads/${encodeURIComponent(id)}`;
  return {
    get me() {
      return me;
    },
    get state() {
      return state;
    },
    continuity,
    on: <T extends ChatEvent["type"]>(type: T, listener: Listener<T>) => hearing.on(type, listener),
    [Symbol.asyncIterator]: () => hearing.iterate(),
    send(draft) {
      const sent = before.then(() => deliver({ id: uuid(), ...draft }));
      before = sent.catch(() => undefined);
      return sent;
    },
    edit: async (thread, id, changes) => void (await send("edit", { thread, id, ...changes })),
    retract: async (thread, id) => void (await send("retract", { thread, id })),
    react: async (thread, id, emoji, { remove } = {}) => void (await send("reaction", { thread, id, emoji, remove })),
    read: async (thread, seq) => void (await send("receipt", { thread, seq })),
    typing: async (thread, state = "composing") => void (await send("state", { thread, state })),
    presence: async (presence) => void (await send("presence", [presence])),
    block: async (entity, { remove } = {}) => void (await send("block", { entity, remove })),
    setting: async (thread, setting) => void (await send("setting", { thread, ...setting })),
    threads: async (query = {}) => (await call<{ threads: never[] }>("threads", { query })).threads,
    thread: (id) => call(thread(id)),
    history: (id, query = {}) =>
      call<{ messages: Message[]; first: number; last: number }>(`${thread(id)}/messages`, { query }),
    create: (body) => call("threads", { method: "POST", body }),
    change: (id, body) => call(thread(id), { method: "PATCH", body }),
    invite: (id, body = {}) => call(`${thread(id)}/invites`, { method: "POST", body }),
    join: (code) => call("threads/join", { method: "POST", body: { code } }),
    friends: async () => (await call<{ friends: never[] }>("friends")).friends,
    actors: async (ids) => (await call<{ actors: never[] }>("actors", { query: { ids } })).actors,
    blocks: async () => (await call<{ blocks: string[] }>("blocks")).blocks,
    report: async () => ({ url: base, timestamp: new Date().toISOString(), mode: "long-poll", wait: WAIT }),
    close,
  };
}

function eventOf(stanza: Stanza): ChatEvent | undefined {
  if (stanza.type === "state") {
    const { thread, entity, state } = stanza.state;
    return { type: "typing", thread, entity, state };
  }
  if (stanza.type === "resync") return { type: "resync", ...stanza.resync };
  return stanza;
}
