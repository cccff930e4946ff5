import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../config.js";
import { createLogger } from "../../logger.js";
import { createKeys } from "../../store/keys.js";
import { OutageLog } from "../../store/outage-log.js";
import type { Trouble } from "../../store/store-fault.js";
import { Subscriptions } from "../../store/subscribe.js";
import { Rest } from "../../store/upstash-rest.js";
import { bad, type Finding, good } from "../finding.js";
import { adviceFor } from "./trouble.js";

// As long as an instance waits for its subscription, and for what it published itself.
const OPEN_MS = 5_000;
// An instance opens another subscription before one of this age ends.
const ROTATED_AFTER = 210;

/** Checks a subscription of its own: that it opens, that it brings what is published, and that it stays open in silence for `hold` seconds. */
export async function checkWire(config: Config, hold: number): Promise<Finding[]> {
  const { url, token } = config.redis;
  const outages = new OutageLog(createLogger("silent"), { host: new URL(url).host, operation: "subscribe" });
  const subscriptions = new Subscriptions(url, token, outages);
  const rest = new Rest(url, token, OPEN_MS);
  const channel = createKeys(config.prefix).probe(randomBytes(6).toString("hex"));
  const subscription = listen(subscriptions, channel);
  try {
    if (!(await subscription.hears("subscribe"))) return [refused(outages)];
    const began = performance.now();
    await rest.run(["PUBLISH", channel, "1"]);
    if (!(await subscription.hears("message"))) return [mute()];
    const ms = Math.round(performance.now() - began);
    return [
      good("subscription", `It opens, and brings what is published after ${ms} ms`),
      await watch(subscription, hold),
    ];
  } catch {
    return [bad("subscription", "Nothing can be published", "Use a token that may run PUBLISH and SUBSCRIBE")];
  } finally {
    subscriptions.close();
    rest.close();
  }
}

type Subscription = {
  /** Waits for a frame of a kind; false if none comes in time or the subscription ends before. */
  hears(kind: "subscribe" | "message"): Promise<boolean>;
  ended: Promise<void>;
};

function listen(subscriptions: Subscriptions, channel: string): Subscription {
  let text = "";
  let arrived = () => {};
  const take = (piece: string) => {
    text += piece;
    arrived();
  };
  const ended = subscriptions.open(channel, take, AbortSignal.timeout(MOST_MS));
  return {
    ended,
    async hears(kind) {
      const has = () => text.includes(`data: ${kind},${channel},`);
      const heard = new Promise<void>((resolve) => {
        arrived = () => has() && resolve();
        arrived();
      });
      await Promise.race([heard, ended, sleep(OPEN_MS, undefined, { ref: false })]);
      return has();
    },
  };
}

// No check lasts longer.
const MOST_MS = 600_000;

async function watch({ ended }: Subscription, hold: number): Promise<Finding> {
  const began = performance.now();
  const cut = await Promise.race([ended.then(() => true), sleep(hold * 1_000, false)]);
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  if (!cut)
    return good(
      "silence",
      `A silent subscription stays open for ${seconds} s at least${hold < ROTATED_AFTER ? `; --hold ${ROTATED_AFTER} watches until an instance would renew it` : ""}`,
    );
  return bad(
    "silence",
    `A silent subscription is cut after ${seconds} s`,
    `Raise the idle time-out between the functions and the store above ${ROTATED_AFTER} s: each cut costs every instance a read of the log, and delays messages`,
  );
}

// The store answers commands, so these mean that it refuses this one.
const REFUSALS: ReadonlySet<Trouble> = new Set(["credential refused", "command refused", "wrong answer"]);

function refused({ trouble }: OutageLog): Finding {
  const found = `It does not open: ${trouble ?? `nothing came within ${OPEN_MS / 1_000} s`}`;
  const advice = "Use a token that may run SUBSCRIBE, and let event streams through: a proxy buffers or refuses them";
  return bad("subscription", found, trouble === undefined || REFUSALS.has(trouble) ? advice : adviceFor(trouble));
}

function mute(): Finding {
  return bad(
    "subscription",
    `It opens, but what is published does not arrive within ${OPEN_MS / 1_000} s`,
    "Let event streams through to the store: a proxy buffers them",
  );
}
