import { anyCaller } from "../../lib/http/authenticate.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";
import type { Description } from "../../lib/presence/device.js";
import { FriendsQuery, friends } from "../../lib/presence/friends.js";
import type { VisiblePresence } from "../../lib/presence/presence-record.js";
import { countFitting } from "../../lib/schema/answer-size.js";

// The members of up to 100 threads are looked at.
const COST = 5;

/** Returns the presence of each contact, in pages. */
const getPresence = endpoint({
  who: anyCaller,
  path: noIds,
  query: FriendsQuery,
  body: nothing,
  rateLimit: "read",
  weight: () => COST,
  async run({ chat, caller, query, now }) {
    const { page, total } = await friends(chat, caller, query, now);
    return cutToFit(page, total);
  },
});

/** Returns the same in the form of the first implementation: the actor as `entity`, and neither `show` nor `status` left out. */
const getFriends = endpoint({
  who: anyCaller,
  path: noIds,
  query: nothing,
  body: nothing,
  rateLimit: "read",
  weight: () => COST,
  async run({ chat, caller, now }) {
    const { page, total } = await friends(chat, caller, {}, now);
    return cutToFit(page.map(toOldForm), total);
  },
});

/** Cuts a page of contacts to what fits into one answer, and says whether there are more of them. */
function cutToFit<Friend>(all: Friend[], total: number): { friends: Friend[]; more?: true } {
  const page = all.slice(0, countFitting(all.map((it) => JSON.stringify(it))));
  return { friends: page, ...(page.length < total ? { more: true } : {}) };
}

function toOldForm({ actor, available, show = "chat", status, since }: VisiblePresence & Description) {
  return { entity: actor, show, status: status ?? null, available, since };
}

export const endpoints: Endpoints = {
  "GET /friends": getPresence,
  "GET /get-friends": getFriends,
};
