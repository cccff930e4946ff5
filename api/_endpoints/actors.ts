import { anyCaller } from "../../lib/http/authenticate.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";
import { ActorsQuery, actors } from "../../lib/people/profiles.js";

// The threads of each user are compared with those of the caller, and twenty threads are looked at for users who do not see them.
const DESCRIBED_AT_COST = 10;
const LOOKING = 2;

export const endpoints: Endpoints = {
  /** Describes the caller, or users who share a thread with the caller. */
  "GET /actors": endpoint({
    who: anyCaller,
    path: noIds,
    query: ActorsQuery,
    lists: ["ids"],
    body: nothing,
    rateLimit: "read",
    weight: (_, { ids = [] }) => 1 + (ids.length === 0 ? 0 : LOOKING + Math.floor(ids.length / DESCRIBED_AT_COST)),
    run: async ({ chat, caller, query }) => ({ actors: await actors(chat, caller, query) }),
  }),
};
