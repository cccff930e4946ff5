import { anyCaller } from "../lib/http/authenticate.js";
import { nothing, on, route } from "../lib/http/route.js";
import { ActorsQuery, actors } from "../lib/people/profiles.js";

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = route({
  /** Describes the caller, or people who share a thread with the caller. */
  "GET /actors": on({
    who: anyCaller,
    query: ActorsQuery,
    lists: ["ids"],
    body: nothing,
    ration: "read",
    run: async ({ caller, query }) => ({ actors: await actors(caller, query) }),
  }),
});
