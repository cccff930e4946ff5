import { anyCaller } from "../../lib/http/authenticate.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";
import type { Description } from "../../lib/presence/device.js";
import type { VisiblePresence } from "../../lib/presence/presence-record.js";
import { roster } from "../../lib/presence/roster.js";
import { countFitting } from "../../lib/schema/answer-size.js";

// The members of up to 100 threads are looked at.
const COST = 5;

/** Returns the presence of each contact. */
const friends = endpoint({
  who: anyCaller,
  path: noIds,
  query: nothing,
  body: nothing,
  rateLimit: "read",
  weight: () => COST,
  run: async ({ chat, caller, now }) => cutToFit(await roster(chat, caller, now)),
});

/** Returns the same in the form of the first implementation: the actor as `entity`, and neither `show` nor `status` left out. */
const getFriends = endpoint({
  who: anyCaller,
  path: noIds,
  query: nothing,
  body: nothing,
  rateLimit: "read",
  weight: () => COST,
  run: async ({ chat, caller, now }) => cutToFit((await roster(chat, caller, now)).map(toOldForm)),
});

/** Cuts a list of contacts to what fits into one answer. Each of the others can be described by `GET actors`. */
function cutToFit<Friend>(all: Friend[]): { friends: Friend[]; more?: true } {
  const friends = all.slice(0, countFitting(all.map((it) => JSON.stringify(it))));
  return { friends, ...(friends.length < all.length ? { more: true } : {}) };
}

function toOldForm({ actor, available, show = "chat", status, since }: VisiblePresence & Description) {
  return { entity: actor, show, status: status ?? null, available, since };
}

export const endpoints: Endpoints = {
  "GET /friends": friends,
  "GET /get-friends": getFriends,
};
