import { blocks } from "../../lib/chat/block.js";
import { anyCaller } from "../../lib/http/authenticate.js";
import { endpoint, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";

export const endpoints: Endpoints = {
  /** Lists the users whom the caller blocks. */
  "GET /blocks": endpoint({
    who: anyCaller,
    query: nothing,
    body: nothing,
    rateLimit: "read",
    run: async ({ chat, caller }) => ({ blocks: await blocks(chat, caller) }),
  }),
};
