import { anyCaller } from "../../lib/http/authenticate.js";
import { endpoint, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";
import { ActorsQuery, actors } from "../../lib/people/profiles.js";

export const endpoints: Endpoints = {
  /** Describes the caller, or users who share a thread with the caller. */
  "GET /actors": endpoint({
    who: anyCaller,
    query: ActorsQuery,
    lists: ["ids"],
    body: nothing,
    rateLimit: "read",
    run: async ({ chat, caller, query }) => ({ actors: await actors(chat, caller, query) }),
  }),
};
