import { BlocksQuery, blocks } from "../../lib/chat/block.js";
import { anyCaller } from "../../lib/http/authenticate.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";

export const endpoints: Endpoints = {
  /** Lists the users whom the caller blocks, in pages. */
  "GET /blocks": endpoint({
    who: anyCaller,
    path: noIds,
    query: BlocksQuery,
    body: nothing,
    rateLimit: "read",
    run: ({ chat, caller, query }) => blocks(chat, caller, query),
  }),
};
