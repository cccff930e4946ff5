import { DeadLettersQuery, deadLetters, Replay, replay } from "../../lib/hooks/dead-letters.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";
import { serviceCaller } from "../../lib/http/service-credential.js";

const ofServer = { who: serviceCaller, rateLimit: "server" } as const;

export const endpoints: Endpoints = {
  /** Lists the webhooks that were given up. */
  "GET /server/dead-letters": endpoint({
    ...ofServer,
    path: noIds,
    query: DeadLettersQuery,
    body: nothing,
    run: ({ chat, query }) => deadLetters(chat, query),
  }),
  /** Sends some of them once more. */
  "POST /server/dead-letters": endpoint({
    ...ofServer,
    path: noIds,
    query: nothing,
    body: Replay,
    run: ({ chat, body }) => replay(chat, body),
  }),
};
