import * as v from "valibot";
import { BansQuery, ban, bans, NewBan, unban } from "../../lib/auth/ban.js";
import { anonymous } from "../../lib/http/authenticate.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";
import { OfUser } from "../../lib/http/server-query.js";
import { staffCaller } from "../../lib/http/service-credential.js";
import { ThreadId } from "../../lib/schema/field.js";
import { RoomChange, RoomsQuery } from "../../lib/schema/room-query.js";

const ofStaff = { who: staffCaller, path: noIds, query: nothing, body: nothing } as const;
const ofRoom = { ids: v.object({ id: ThreadId }), absent: "thread_not_found" } as const;

// Few users moderate, and seldom: a start does not read the code for it.
const roomList = () => import("../../lib/chat/room-list.js");
const personRecord = () => import("../../lib/chat/person-record.js");

export const endpoints: Endpoints = {
  /** Serves the page for moderators. */
  "GET /admin": endpoint({
    ...{ who: anonymous, path: noIds, query: nothing, body: nothing },
    run: async ({ chat }) => (await import("../../lib/http/admin-page.js")).replyAdminPage(chat.config.basePath),
    reply: (page) => page,
  }),
  /** Counts what moderators look after. Throws `forbidden`. */
  "GET /moderation": endpoint({
    ...{ ...ofStaff, rateLimit: "read" },
    run: async ({ chat, now }) => (await personRecord()).moderationCounters(chat, now),
  }),
  /** Lists the rooms of the deployment, in pages. Throws `forbidden`. */
  "GET /moderation/rooms": endpoint({
    ...{ ...ofStaff, query: RoomsQuery, rateLimit: "read" },
    // A page reads all shards of the tips, and up to a hundred threads.
    weight: () => 20,
    run: async ({ chat, query }) => (await roomList()).rooms(chat, query),
  }),
  /** Sets the slow mode of a room. Throws `forbidden`, `thread_not_found`. */
  "PATCH /moderation/rooms/:id": endpoint({
    ...{ ...ofStaff, path: ofRoom, body: RoomChange, rateLimit: "send" },
    run: async ({ chat, path, body, now }) => (await roomList()).slowRoom(chat, path.id, body.slow, now),
  }),
  /** Deletes a room. Throws `forbidden`, `thread_not_found`. */
  "DELETE /moderation/rooms/:id": endpoint({
    ...{ ...ofStaff, path: ofRoom, rateLimit: "send" },
    run: async ({ chat, path, now }) => (await roomList()).deleteRoom(chat, path.id, now),
  }),
  /** Reads the record of a user. Throws `forbidden`. */
  "GET /moderation/people": endpoint({
    ...{ ...ofStaff, query: OfUser, rateLimit: "read" },
    run: async ({ chat, query }) => (await personRecord()).personRecord(chat, query.entity),
  }),
  /** Lists the users who are banned from the deployment, in pages. Throws `forbidden`. */
  "GET /moderation/bans": endpoint({
    ...{ ...ofStaff, query: BansQuery, rateLimit: "read" },
    run: ({ chat, query }) => bans(chat, query),
  }),
  /** Bans a user from the deployment. Throws `forbidden`, also for the system. */
  "POST /moderation/bans": endpoint({
    ...{ ...ofStaff, body: NewBan, rateLimit: "send" },
    run: ({ chat, body, now }) => ban(chat, body.entity, now),
  }),
  /** Lifts the ban of a user. Throws `forbidden`. */
  "DELETE /moderation/bans": endpoint({
    ...{ ...ofStaff, query: OfUser, rateLimit: "send" },
    run: ({ chat, query, now }) => unban(chat, query.entity, now),
  }),
};
