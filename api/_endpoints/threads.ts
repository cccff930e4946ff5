import * as v from "valibot";
import { HistoryQuery, page } from "../../lib/chat/history.js";
import { MembersQuery, members } from "../../lib/chat/member-list.js";
import { make } from "../../lib/chat/thread.js";
import { ListQuery, list } from "../../lib/chat/thread-list.js";
import { thread } from "../../lib/chat/thread-view.js";
import { anyCaller, rationGuesses } from "../../lib/http/authenticate.js";
import { endpoint, json, noIds, nothing } from "../../lib/http/endpoint.js";
import { bounded } from "../../lib/http/problem.js";
import type { Endpoints } from "../../lib/http/route.js";
import { ThreadId } from "../../lib/schema/field.js";
import { InviteCode, InviteId, Joining, NewInvite } from "../../lib/schema/invite.js";
import { NewThread, ThreadChange } from "../../lib/schema/stanza.js";

const ofThread = { ids: v.object({ id: ThreadId }), absent: "thread_not_found" } as const;

// What a request counts is about ten commands of the store, or twenty for the list of threads, which a page that opens needs at once: a thread in
// it costs five. One that is made or changed costs twenty and more, a message of a page some kilobytes, a member the key of a description.
const LISTED_AT_COST = 4;
const MAKING = 3;
const CHANGING = 2;
const MESSAGES_AT_COST = 50;
const MEMBERS_AT_COST = 50;

export const endpoints: Endpoints = {
  /** Lists the caller's threads. Throws `thread_not_found` for a thread to go on from that was never the caller's. */
  "GET /threads": endpoint({
    who: anyCaller,
    path: noIds,
    query: ListQuery,
    body: nothing,
    rateLimit: "read",
    weight: (_body, { limit }, _request, chat, who) => 1 + Math.ceil(chat.threadCounts.of(who, limit) / LISTED_AT_COST),
    run: ({ chat, caller, query }) => list(chat, caller, query),
  }),
  /** Finds or creates a thread. Throws `thread_conflict`, `not_a_contact`, `forbidden`, `too_large`, `rate_limited`. */
  "POST /threads": endpoint({
    who: anyCaller,
    path: noIds,
    query: nothing,
    body: NewThread,
    rateLimit: "send",
    weight: ({ members }) => MAKING + members.length,
    run: async ({ chat, caller, body, now }) => {
      const { id, made } = await make(chat, caller, body, now);
      return { made, thread: await thread(chat, caller, id) };
    },
    reply: (result) => json(result.thread, result.made ? 201 : 200),
  }),
  /** Reads one thread. Throws `thread_not_found`. */
  "GET /threads/:id": endpoint({
    who: anyCaller,
    path: ofThread,
    query: nothing,
    body: nothing,
    rateLimit: "read",
    run: ({ chat, caller, path }) => thread(chat, caller, path.id),
  }),
  /** Changes the members, roles, bans or subject of a thread. Throws `thread_not_found`, `forbidden`, `not_a_contact`, `too_large`. */
  "PATCH /threads/:id": endpoint({
    who: anyCaller,
    path: ofThread,
    query: nothing,
    body: ThreadChange,
    rateLimit: "send",
    weight: ({ add = [], remove = [], ban = [], unban = [] }) =>
      CHANGING + add.length + remove.length + ban.length + unban.length,
    run: async ({ chat, caller, path: { id }, body, now }) => {
      const { change } = await import("../../lib/chat/thread-admin.js");
      await change(chat, caller, id, body, now);
      const gone = [...(body.remove ?? []), ...(body.ban ?? [])].includes(caller.actor.id);
      return gone ? undefined : thread(chat, caller, id);
    },
  }),
  /** Creates an invite to a room. Throws `thread_not_found`, `forbidden`. */
  "POST /threads/:id/invites": endpoint({
    who: anyCaller,
    path: ofThread,
    query: nothing,
    body: NewInvite,
    rateLimit: "send",
    run: async ({ chat, caller, path, body, now }) => (await invites()).invite(chat, caller, path.id, body.ttl, now),
    reply: (made) => json(made, 201),
  }),
  /** Lists the living invites to a room: to owners all, to members their own. Throws `thread_not_found`, `forbidden`. */
  "GET /threads/:id/invites": endpoint({
    who: anyCaller,
    path: ofThread,
    query: nothing,
    body: nothing,
    rateLimit: "read",
    run: async ({ chat, caller, path, now }) => ({
      invites: await (await invites()).invites(chat, caller, path.id, now),
    }),
  }),
  /** Revokes an invite, as its maker or an owner. Throws `thread_not_found`, `forbidden`, `not_found`. */
  "DELETE /threads/:id/invites/:invite": endpoint({
    who: anyCaller,
    path: {
      ids: v.object({ id: ThreadId, invite: InviteId }),
      absent: { id: "thread_not_found", invite: "not_found" },
    },
    query: nothing,
    body: nothing,
    rateLimit: "send",
    run: async ({ chat, caller, path }) => (await invites()).revoke(chat, caller, path.id, path.invite),
  }),
  /** Joins the room of an invite. Throws `not_found`, `forbidden`, `too_large`. */
  "POST /threads/join": endpoint({
    who: anyCaller,
    path: noIds,
    query: nothing,
    body: Joining,
    rateLimit: "send",
    async run({ chat, caller, body, now, request }) {
      const { join } = await invites();
      const joined = await rationGuesses(chat, request, "not_found", () => join(chat, caller, body.code, now));
      return thread(chat, caller, joined);
    },
  }),
  /** Reads an invite without joining. Throws `not_found`, `forbidden`. */
  "GET /invites/:code": endpoint({
    who: anyCaller,
    path: { ids: v.object({ code: InviteCode }), absent: "not_found" },
    query: nothing,
    body: nothing,
    rateLimit: "read",
    async run({ chat, caller, path, request }) {
      const { previewInvite } = await import("../../lib/chat/invite-preview.js");
      return rationGuesses(chat, request, "not_found", () => previewInvite(chat, caller, path.code));
    },
  }),
  /** Reads a page of a thread's history. Throws `thread_not_found`, and `message_not_found` for a message to look around. */
  "GET /threads/:id/messages": endpoint({
    who: anyCaller,
    path: ofThread,
    query: HistoryQuery,
    body: nothing,
    rateLimit: "read",
    weight: (_, { limit = MESSAGES_AT_COST }) => Math.ceil(limit / MESSAGES_AT_COST),
    run: ({ chat, caller, path, query }) => page(chat, caller, path.id, query),
    reply: ({ messages, first, last }) =>
      bounded(`{"messages":[${messages.join(",")}],"first":${first},"last":${last}}`, 200, "application/json"),
  }),
  /** Lists the members of a thread, in pages. Throws `thread_not_found`. */
  "GET /threads/:id/members": endpoint({
    who: anyCaller,
    path: ofThread,
    query: MembersQuery,
    body: nothing,
    rateLimit: "read",
    weight: (_, { limit }) => Math.ceil(limit / MEMBERS_AT_COST),
    run: ({ chat, caller, path, query }) => members(chat, caller, path.id, query),
  }),
};

function invites() {
  return import("../../lib/chat/invite.js");
}
