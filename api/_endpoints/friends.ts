import { anyCaller } from "../../lib/http/authenticate.js";
import type { ChatContext } from "../../lib/http/chat-context.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";
import type { Description } from "../../lib/presence/device.js";
import { FriendsQuery, friends } from "../../lib/presence/friends.js";
import type { VisiblePresence } from "../../lib/presence/presence-record.js";
import { THREADS_MAX } from "../../lib/presence/roster.js";
import { countFitting } from "../../lib/schema/answer-size.js";

// Two commands look at the members of each thread.
const THREADS_AT_COST = 5;

function weigh(chat: ChatContext, who: string): number {
  return 1 + Math.floor(chat.threadCounts.of(who, THREADS_MAX) / THREADS_AT_COST);
}

/** Returns the presence of each contact, in pages. */
const getPresence = endpoint({
  who: anyCaller,
  path: noIds,
  query: FriendsQuery,
  body: nothing,
  rateLimit: "read",
  weight: (_body, _query, _request, chat, who) => weigh(chat, who),
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
  weight: (_body, _query, _request, chat, who) => weigh(chat, who),
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
