import * as v from "valibot";
import { anyCaller } from "../../lib/http/authenticate.js";
import type { ChatContext } from "../../lib/http/chat-context.js";
import { endpoint, json, noIds, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";
import { isGuest } from "../../lib/people/reach.js";
import { DeviceId, Subscription } from "../../lib/push/subscription.js";

// Few deployments have pushes, so a cold start does not load what keeps them.
const devices = () => import("../../lib/push/devices.js");

const offered = async (chat: ChatContext) => (await devices()).settings(chat);

export const endpoints: Endpoints = {
  /** Returns the public VAPID key, with which a browser subscribes. Throws `not_found`. */
  "GET /push": endpoint({
    who: anyCaller,
    offered,
    path: noIds,
    query: nothing,
    body: nothing,
    rateLimit: "read",
    async run({ chat }) {
      const { publicKey } = await chat.pushKeys.get();
      return { publicKey };
    },
  }),
  /** Subscribes a device of the caller. Throws `not_found`. */
  "POST /push": endpoint({
    who: anyCaller,
    offered,
    path: noIds,
    query: nothing,
    body: Subscription,
    rateLimit: "send",
    async run({ chat, caller, body, now }) {
      const { subscribe, DEVICES_MAX, GUEST_DEVICES_MAX } = await devices();
      return subscribe(chat, caller.actor.id, body, now, isGuest(caller) ? GUEST_DEVICES_MAX : DEVICES_MAX);
    },
    reply: (made) => json(made, 201),
  }),
  /** Forgets a device of the caller. */
  "DELETE /push/:device": endpoint({
    who: anyCaller,
    path: { ids: v.object({ device: DeviceId }), absent: "not_found" },
    query: nothing,
    body: nothing,
    rateLimit: "send",
    run: async ({ chat, caller, path }) => (await devices()).unsubscribe(chat, caller.actor.id, path.device),
  }),
};
