import { anyCaller } from "../lib/identify.js";
import { roster } from "../lib/roster.js";
import { nothing, on, route } from "../lib/route.js";

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
