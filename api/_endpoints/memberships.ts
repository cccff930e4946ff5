import * as v from "valibot";
import { members } from "../../lib/chat/member-list.js";
import { endpoint, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";
import { AnyMembersQuery } from "../../lib/http/server-query.js";
import { serviceCaller } from "../../lib/http/service-credential.js";
import { actingAs } from "../../lib/people/acting.js";
import { ThreadId } from "../../lib/schema/field.js";

export const endpoints: Endpoints = {
  /** Lists the members of any thread, or as a member sees them, in pages. Throws `thread_not_found`. */
  "GET /server/threads/:id/members": endpoint({
    who: serviceCaller,
    rateLimit: "server",
    path: { ids: v.object({ id: ThreadId }), absent: "thread_not_found" },
    query: AnyMembersQuery,
    body: nothing,
    run: async ({ chat, path, query, now }) => members(chat, await actingAs(chat, query.as, now), path.id, query),
  }),
};
