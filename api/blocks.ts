import { blocks } from "../lib/chat/block.js";
import { anyCaller } from "../lib/http/authenticate.js";
import { nothing, on, route } from "../lib/http/route.js";

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = route({
  /** Lists whom the caller blocks. */
  "GET /blocks": on({
    who: anyCaller,
    query: nothing,
    body: nothing,
    ration: "read",
    run: async ({ caller }) => ({ blocks: await blocks(caller) }),
  }),
});
