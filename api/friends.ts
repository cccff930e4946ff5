import { anyCaller } from "../lib/http/authenticate.js";
import { nothing, on, route } from "../lib/http/route.js";
import { roster } from "../lib/presence/roster.js";

/** Answers the presence of each contact. */
const friends = on({
  who: anyCaller,
  query: nothing,
  body: nothing,
  ration: "read",
  run: async ({ caller, now }) => ({ friends: await roster(caller.actor.id, now) }),
});

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = route({
  "GET /friends": friends,
  "GET /get-friends": friends,
});
