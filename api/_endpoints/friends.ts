import { anyCaller } from "../../lib/http/authenticate.js";
import { endpoint, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";
import type { Description } from "../../lib/presence/device.js";
import type { VisiblePresence } from "../../lib/presence/presence-record.js";
import { roster } from "../../lib/presence/roster.js";

/** Returns the presence of each contact. */
const friends = endpoint({
  who: anyCaller,
  query: nothing,
  body: nothing,
  rateLimit: "read",
  run: async ({ chat, caller, now }) => ({ friends: await roster(chat, caller, now) }),
});

/** Returns the same in the form of the first implementation: the actor as `entity`, and neither `show` nor `status` left out. */
const getFriends = endpoint({
  who: anyCaller,
  query: nothing,
  body: nothing,
  rateLimit: "read",
  run: async ({ chat, caller, now }) => ({ friends: (await roster(chat, caller, now)).map(toOldForm) }),
});

function toOldForm({ actor, available, show = "chat", status, since }: VisiblePresence & Description) {
  return { entity: actor, show, status: status ?? null, available, since };
}

export const endpoints: Endpoints = {
  "GET /friends": friends,
  "GET /get-friends": getFriends,
};
