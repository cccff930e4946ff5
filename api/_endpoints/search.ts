import { SearchQuery } from "../../lib/chat/search-query.js";
import { anyCaller } from "../../lib/http/authenticate.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import { bounded } from "../../lib/http/problem.js";
import type { Endpoints } from "../../lib/http/route.js";

// Up to a thousand messages are read, of which a page of history takes one for every fifty; or, where there are few messages in each, 128
// threads, of which each takes two commands.
const COST = 20;
const THREADS_MAX = 128;
const THREADS_AT_COST = 4;

export const endpoints: Endpoints = {
  /** Searches the messages of the caller's threads, in parts. Throws `thread_not_found`, `bad_cursor`. */
  "GET /search": endpoint({
    who: anyCaller,
    path: noIds,
    query: SearchQuery,
    body: nothing,
    rateLimit: "read",
    weight: (_body, _query, _request, chat, who) =>
      Math.max(COST, 1 + Math.floor(chat.threadCounts.of(who, THREADS_MAX) / THREADS_AT_COST)),
    run: async ({ chat, caller, query }) => (await import("../../lib/chat/search.js")).search(chat, caller, query),
    reply: ({ results, cursor }) => {
      const next = cursor === undefined ? "" : `,"cursor":${JSON.stringify(cursor)}`;
      return bounded(`{"results":[${results.join(",")}]${next}}`, 200, "application/json");
    },
  }),
};
