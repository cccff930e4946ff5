import * as v from "valibot";
import type { Config } from "../../config.js";
import { bad, type Finding, good, skipped, warning } from "../finding.js";
import { ask, jsonOf, type Site } from "./site.js";

/** Checks that webhooks do not wait for the next visitor: that a clock may call `GET cron`. Nothing is found where there are none. */
export function checkClockOfWebhooks({ hooks, cronSecret }: Config): Finding[] {
  if (hooks.webhook === undefined) return [];
  if (cronSecret !== undefined) return [good("cron", "A clock may call the chat: CRON_SECRET is set")];
  return [
    warning("cron", "While nobody is connected, webhooks wait: CRON_SECRET is not set, so no clock may call", SET),
  ];
}

/** Checks whether the deployment has a `CRON_SECRET`, and whether it is this one. What waits goes on waiting. */
export async function checkCron(site: Site, secret: string | undefined): Promise<Finding> {
  const code = await callCron(site);
  if (code === "not_found") {
    const found = "The deployment has no CRON_SECRET: webhooks and pushes that failed wait for the next visitor";
    return secret === undefined ? skipped("cron", found, `If you have any: ${SET}`) : warning("cron", found, SET);
  }
  if (code !== "unauthenticated") return skipped("cron", `GET cron responds with ${code}`, "Try again");
  if (secret === undefined) return good("cron", "The deployment has a CRON_SECRET");
  const known = await callCron(site, secret);
  if (known === "200") return good("cron", "The deployment accepts this CRON_SECRET");
  return bad(
    "cron",
    `The deployment refuses this CRON_SECRET: ${known}`,
    "Give both the same CRON_SECRET, and deploy again",
  );
}

const SET =
  "Set CRON_SECRET to the output of `openssl rand -base64 32`, and let a clock call GET /nereid-chat/cron with it as Bearer: on Vercel, by `crons` in vercel.json";

const Problem = v.object({ code: v.string() });

/** Returns the code of the chat's answer, else its status or why there was none. */
async function callCron(site: Site, secret?: string): Promise<string> {
  const headers = secret === undefined ? {} : { Authorization: `Bearer ${secret}` };
  const reply = await ask(site, `${site.base}/cron?check=1`, { headers });
  if ("failure" in reply) return reply.failure;
  const problem = v.safeParse(Problem, jsonOf(reply.text));
  return problem.success ? problem.output.code : `${reply.response.status}`;
}
