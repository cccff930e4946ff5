import * as v from "valibot";
import { BansQuery, ban, bans, NewBan, unban } from "../../lib/auth/ban.js";
import * as token from "../../lib/auth/token.js";
import { AnyHistoryQuery, page } from "../../lib/chat/history.js";
import { Envelope, send, weigh } from "../../lib/chat/send.js";
import { list } from "../../lib/chat/thread-list.js";
import { makeOnce } from "../../lib/chat/thread-once.js";
import { thread } from "../../lib/chat/thread-view.js";
import { endpoint, json, noIds, nothing } from "../../lib/http/endpoint.js";
import { bounded } from "../../lib/http/problem.js";
import type { Endpoints } from "../../lib/http/route.js";
import { As, OfUser, UserThreadsQuery } from "../../lib/http/server-query.js";
import { serviceCaller } from "../../lib/http/service-credential.js";
import { actingAs } from "../../lib/people/acting.js";
import { Profile, ProfilesQuery, readProfiles, writeProfile } from "../../lib/people/written-profile.js";
import { setPresence } from "../../lib/presence/presence.js";
import { THREADS_MAX } from "../../lib/presence/roster.js";
import { Erasure, ExportQuery } from "../../lib/privacy/data-request.js";
import { ThreadId } from "../../lib/schema/field.js";
import { Import } from "../../lib/schema/imported.js";
import { NewThread, ThreadChange } from "../../lib/schema/stanza.js";

const ofServer = { who: serviceCaller, rateLimit: "server" } as const;
const ofThread = { ids: v.object({ id: ThreadId }), absent: "thread_not_found" } as const;

export const endpoints: Endpoints = {
  /** Processes up to 20 stanzas as a user or the system. Throws what the first one that fails throws. */
  "POST /server/send": endpoint({
    ...ofServer,
    path: noIds,
    query: As,
    body: Envelope,
    weight: (stanzas, { as }, _request, chat) => weigh(stanzas, chat.threadCounts.of(as ?? "", THREADS_MAX)),
    run: async ({ chat, query, body, now }) => send(chat, await actingAs(chat, query.as, now), body, now),
  }),
  /** Lists the threads of a user or the system. */
  "GET /server/threads": endpoint({
    ...ofServer,
    path: noIds,
    query: UserThreadsQuery,
    body: nothing,
    run: async ({ chat, query, now }) => list(chat, await actingAs(chat, query.as, now), query),
  }),
  /** Finds or creates a thread as a user or the system; with an `id` only once. Throws `thread_conflict`, `too_large`. */
  "POST /server/threads": endpoint({
    ...ofServer,
    path: noIds,
    query: As,
    body: NewThread,
    weight: ({ members }) => 1 + members.length,
    run: async ({ chat, query, body, now }) => makeOnce(chat, await actingAs(chat, query.as, now), body, now),
    reply: (result) => json(result.thread, result.made ? 201 : 200),
  }),
  /** Reads any thread, or one as a member sees it. Throws `thread_not_found`. */
  "GET /server/threads/:id": endpoint({
    ...ofServer,
    path: ofThread,
    query: As,
    body: nothing,
    run: async ({ chat, path, query, now }) => thread(chat, await actingAs(chat, query.as, now), path.id),
  }),
  /** Changes the members, roles, bans or subject of a thread. Throws `thread_not_found`, `forbidden`, `too_large`. */
  "PATCH /server/threads/:id": endpoint({
    ...ofServer,
    path: ofThread,
    query: As,
    body: ThreadChange,
    weight: ({ add = [], remove = [], ban = [], unban = [] }) =>
      1 + add.length + remove.length + ban.length + unban.length,
    async run({ chat, path, query, body, now }) {
      const { change } = await import("../../lib/chat/thread-admin.js");
      return change(chat, await actingAs(chat, query.as, now), path.id, body, now);
    },
  }),
  /** Deletes a thread with all that belongs to it. */
  "DELETE /server/threads/:id": endpoint({
    ...ofServer,
    path: ofThread,
    query: nothing,
    body: nothing,
    async run({ chat, caller, path, now }) {
      const { deleteThread } = await import("../../lib/chat/thread-deletion.js");
      return deleteThread(chat, caller, path.id, now);
    },
  }),
  /** Reads a page of any thread's history, or as a member sees it. Throws `thread_not_found`. */
  "GET /server/threads/:id/messages": endpoint({
    ...ofServer,
    path: ofThread,
    query: AnyHistoryQuery,
    body: nothing,
    run: async ({ chat, path, query, now }) => page(chat, await actingAs(chat, query.as, now), path.id, query),
    reply: ({ messages, first, last }) =>
      bounded(`{"messages":[${messages.join(",")}],"first":${first},"last":${last}}`, 200, "application/json"),
  }),
  /** Adds old messages to a thread, with their times. Throws `thread_not_found`, `too_large`. */
  "POST /server/threads/:id/import": endpoint({
    ...ofServer,
    path: ofThread,
    query: nothing,
    body: Import,
    // A script writes all of them, which costs Redis about as much as ten sends.
    weight: ({ messages }) => 1 + Math.ceil(messages.length / 20),
    // Hosts seldom import, export and erase: a start does not read the code for it.
    run: async ({ chat, path, body, now }) => {
      const { importMessages } = await import("../../lib/chat/import.js");
      return importMessages(chat, path.id, body, now);
    },
  }),
  /** Describes users, whether or not anybody shares a thread with them. */
  "GET /server/profiles": endpoint({
    ...ofServer,
    path: noIds,
    query: ProfilesQuery,
    lists: ["ids"],
    body: nothing,
    run: async ({ chat, query }) => ({ actors: await readProfiles(chat, query.ids) }),
  }),
  /** Writes the description of a user. */
  "POST /server/profiles": endpoint({
    ...ofServer,
    path: noIds,
    query: nothing,
    body: Profile,
    run: ({ chat, body }) => writeProfile(chat, body),
  }),
  /** Makes a user appear offline until the user's next presence stanza. */
  "DELETE /server/presence": endpoint({
    ...ofServer,
    path: noIds,
    query: OfUser,
    body: nothing,
    run: async ({ chat, query, now }) => {
      await setPresence(chat, await actingAs(chat, query.entity, now), { available: false }, now);
    },
  }),
  /** Revokes all chat tokens of a user, whose devices get no pushes any more. */
  "DELETE /server/tokens": endpoint({
    ...ofServer,
    path: noIds,
    query: OfUser,
    body: nothing,
    async run({ chat, query, now }) {
      await token.revokeAll(chat, query.entity, now);
      const { unsubscribe } = await import("../../lib/push/devices.js");
      await unsubscribe(chat, query.entity);
    },
  }),
  /** Erases a user, a part at each call. */
  "POST /server/erasures": endpoint({
    ...ofServer,
    path: noIds,
    query: nothing,
    body: Erasure,
    run: async ({ chat, body, now }) => {
      const { erase } = await import("../../lib/privacy/erasure.js");
      return erase(chat, body, now);
    },
  }),
  /** Exports what is kept of a user, a part at each call, in lines of JSON. */
  "GET /server/export": endpoint({
    ...ofServer,
    path: noIds,
    query: ExportQuery,
    body: nothing,
    run: async ({ chat, query }) => {
      const { exportPart } = await import("../../lib/privacy/export.js");
      return exportPart(chat, query);
    },
    reply: (lines) => bounded(`${lines.join("\n")}\n`, 200, "application/x-ndjson"),
  }),
  /** Lists the users who are banned from the deployment, in pages. */
  "GET /server/bans": endpoint({
    ...ofServer,
    path: noIds,
    query: BansQuery,
    body: nothing,
    run: ({ chat, query }) => bans(chat, query),
  }),
  /** Bans a user from the deployment. Throws `forbidden` for the system. */
  "POST /server/bans": endpoint({
    ...ofServer,
    path: noIds,
    query: nothing,
    body: NewBan,
    run: ({ chat, body, now }) => ban(chat, body.entity, now),
  }),
  /** Lifts the ban of a user. */
  "DELETE /server/bans": endpoint({
    ...ofServer,
    path: noIds,
    query: OfUser,
    body: nothing,
    run: ({ chat, query, now }) => unban(chat, query.entity, now),
  }),
};
