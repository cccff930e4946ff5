import { StoreProof } from "../../lib/auth/kept-secret.js";
import { anonymous } from "../../lib/http/authenticate.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";

export const endpoints: Endpoints = {
  /** Shows the secret that the deployment made for itself, once, to the holder of the store's token. Throws `unauthenticated`, `not_found`. */
  "POST /setup": endpoint({
    who: anonymous,
    path: noIds,
    query: nothing,
    body: StoreProof,
    form: true,
    rateLimit: "token",
    run: ({ chat, body }) => chat.keptSecret.show(body.token),
  }),
};
