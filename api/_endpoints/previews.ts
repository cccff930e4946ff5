import { PreviewRequest } from "../../lib/chat/link-preview.js";
import { anyCaller } from "../../lib/http/authenticate.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";

// A page is read from elsewhere, for seconds.
const COST = 10;

export const endpoints: Endpoints = {
  /** Reads the title of a page that the caller is about to link to. Throws `not_found`. */
  "POST /previews": endpoint({
    who: anyCaller,
    path: noIds,
    query: nothing,
    body: PreviewRequest,
    rateLimit: "send",
    weight: () => COST,
    run: ({ chat, body }) => chat.previews.read(chat, body),
  }),
};
