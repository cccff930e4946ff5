import { anyCaller } from "../../lib/http/authenticate.js";
import { endpoint, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";
import { roster } from "../../lib/presence/roster.js";

/** Answers the presence of each contact. */
const friends = endpoint({
  who: anyCaller,
  query: nothing,
  body: nothing,
  ration: "read",
  run: async ({ chat, caller, now }) => ({ friends: await roster(chat, caller.actor.id, now) }),
});

export const endpoints: Endpoints = {
  "GET /friends": friends,
  "GET /get-friends": friends,
};
