import { HistoryQuery, page } from "../../lib/chat/history.js";
import { invite, Joining, join, NewInvite } from "../../lib/chat/invite.js";
import { make } from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { ListQuery, list, thread } from "../../lib/chat/thread-view.js";
import { anyCaller } from "../../lib/http/authenticate.js";
import { endpoint, json, nothing } from "../../lib/http/endpoint.js";
import { bounded } from "../../lib/http/problem.js";
import type { Endpoints } from "../../lib/http/route.js";
import { NewThread, ThreadChange } from "../../lib/schema/stanza.js";

export const endpoints: Endpoints = {
  /** Lists the caller's threads. */
  "GET /threads": endpoint({
    who: anyCaller,
    query: ListQuery,
    body: nothing,
    rateLimit: "read",
    run: async ({ chat, caller, query }) => ({ threads: await list(chat, caller, query) }),
  }),
  /** Finds or creates a thread. Throws `thread_conflict`, `not_a_contact`, `too_large`. */
  "POST /threads": endpoint({
    who: anyCaller,
    query: nothing,
    body: NewThread,
    rateLimit: "send",
    weight: ({ members }) => 1 + members.length,
    run: async ({ chat, caller, body, now }) => {
      const { id, made } = await make(chat, caller, body, now);
      return { made, thread: await thread(chat, caller, id) };
    },
    reply: (result) => json(result.thread, result.made ? 201 : 200),
  }),
  /** Reads one thread. Throws `thread_not_found`. */
  "GET /threads/:id": endpoint({
    who: anyCaller,
    query: nothing,
    body: nothing,
    rateLimit: "read",
    run: ({ chat, caller, params }) => thread(chat, caller, params.id ?? ""),
  }),
  /** Changes the members, roles, bans or subject of a thread. Throws `thread_not_found`, `forbidden`, `not_a_contact`, `too_large`. */
  "PATCH /threads/:id": endpoint({
    who: anyCaller,
    query: nothing,
    body: ThreadChange,
    rateLimit: "send",
    weight: ({ add = [], remove = [], ban = [], unban = [] }) =>
      1 + add.length + remove.length + ban.length + unban.length,
    run: async ({ chat, caller, params: { id = "" }, body, now }) => {
      await change(chat, caller, id, body, now);
      const gone = [...(body.remove ?? []), ...(body.ban ?? [])].includes(caller.actor.id);
      return gone ? undefined : thread(chat, caller, id);
    },
  }),
  /** Creates an invite to a room. Throws `thread_not_found`, `forbidden`. */
  "POST /threads/:id/invites": endpoint({
    who: anyCaller,
    query: nothing,
    body: NewInvite,
    rateLimit: "send",
    run: ({ chat, caller, params, body, now }) => invite(chat, caller, params.id ?? "", body.ttl, now),
    reply: (made) => json(made, 201),
  }),
  /** Joins the room of an invite. Throws `not_found`, `forbidden`, `too_large`. */
  "POST /threads/join": endpoint({
    who: anyCaller,
    query: nothing,
    body: Joining,
    rateLimit: "send",
    run: async ({ chat, caller, body, now }) => thread(chat, caller, await join(chat, caller, body.code, now)),
  }),
  /** Reads a page of a thread's history. Throws `thread_not_found`. */
  "GET /threads/:id/messages": endpoint({
    who: anyCaller,
    query: HistoryQuery,
    body: nothing,
    rateLimit: "read",
    run: ({ chat, caller, params, query }) => page(chat, caller, params.id ?? "", query),
    reply: ({ messages, first, last }) =>
      bounded(`{"messages":[${messages.join(",")}],"first":${first},"last":${last}}`, 200, "application/json"),
  }),
};
