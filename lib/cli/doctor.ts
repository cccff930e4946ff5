import { checkCors } from "./checks/cors.js";
import { checkClockOfWebhooks, checkCron } from "./checks/cron.js";
import { checkFiles, checkHealth, checkHttps, checkVersion } from "./checks/deployment.js";
import { checkRoute } from "./checks/route.js";
import { checkKeptSecret, checkSharedPrefix, checkVerifier, lackOfVerifier, signSession } from "./checks/secret.js";
import { checkSettings, type Environment, namesVerifier } from "./checks/settings.js";
import type { Site } from "./checks/site.js";
import { checkStorage } from "./checks/storage.js";
import { checkStore } from "./checks/store.js";
import { checkStreamPath } from "./checks/stream-path.js";
import { enter, leave } from "./checks/visitor.js";
import { checkWire } from "./checks/wire.js";
import { bad, type Finding, good, skipped, warning } from "./finding.js";
import { isTested, isTooOld, OLDEST_NODE, TESTED_MAJORS } from "./node-version.js";

export type DoctorOptions = {
  /** The deployment to look at from outside; without it the set-up is looked at from inside, by the environment. */
  url?: string | undefined;
  /** The origin of pages that use the chat, if it is another one. */
  origin?: string | undefined;
  /** The header `Cookie` of a user who is logged in to the application that has the chat mounted. */
  cookie?: string | undefined;
  /** Seconds for which a silent subscription, a poll and a live stream are watched. */
  hold: number;
  /** The chat is mounted in an application whose `user` function knows the users, so that no secret is needed. */
  mounted: boolean;
};

export type Surroundings = {
  environment: Environment;
  fetch: typeof fetch;
  now(): number;
  /** The version of this package, and of Node. */
  versions: { own: string; node: string };
};

/** Yields what the checks find, in order, each as soon as it is known. */
export function examine(options: DoctorOptions, around: Surroundings): AsyncGenerator<Finding> {
  const { url } = options;
  return url === undefined ? examineInside(options, around) : examineOutside({ ...options, url }, around);
}

async function* examineInside({ hold, mounted }: DoctorOptions, around: Surroundings): AsyncGenerator<Finding> {
  const { environment, now, versions } = around;
  yield checkNode(versions);
  const { findings, config } = checkSettings(environment, mounted);
  yield* findings;
  const needsSecret = !(mounted || namesVerifier(environment));
  if (config === undefined) {
    if (needsSecret) yield lackOfVerifier();
    return;
  }
  yield* await checkVerifier(config, now());
  const store = await checkStore(config, now, environment.VERCEL_REGION);
  yield* store.findings;
  if (store.reachable) yield* await checkSharedPrefix(config);
  if (needsSecret) yield store.reachable ? await checkKeptSecret(config) : lackOfVerifier();
  yield* checkClockOfWebhooks(config);
  yield* await checkStorage(config, now());
  if (store.reachable) yield* await checkWire(config, hold);
}

async function* examineOutside(
  options: DoctorOptions & { url: string },
  around: Surroundings,
): AsyncGenerator<Finding> {
  const { origin, hold } = options;
  const site: Site = { base: baseOf(options.url), fetch: around.fetch, now: around.now };
  const health = await checkHealth(site);
  yield* health.findings;
  if (!health.reachable) return;
  yield await checkVersion(site, around.versions.own);
  yield await checkHttps(site);
  yield await checkFiles(site);
  yield* await checkCors(site, origin);
  yield await checkCron(site, around.environment.CRON_SECRET);
  const { findings, visitor } = await enter(site, { cookie: options.cookie, jwt: await sessionOf(around) }, origin);
  yield* findings;
  const route = await checkRoute(site, visitor);
  yield route;
  if (visitor === undefined) {
    yield skipped("stream", "It cannot be followed without a session", ENTER);
    return;
  }
  if (route.verdict === "good") yield* await checkStreamPath(site, visitor, hold);
  else yield skipped("stream", "It cannot be followed where requests do not arrive whole", "Correct the route first");
  await leave(site, visitor);
}

const ENTER =
  "Run this with the deployment's CHAT_JWT_SECRET (--env-file), or, for a chat that is mounted, with --cookie and the Cookie header of a page where you are logged in";

function checkNode({ own, node }: Surroundings["versions"]): Finding {
  const found = `nereid-chat ${own} on Node ${node}`;
  if (isTooOld(node))
    return bad("version", found, `Use Node ${OLDEST_NODE} or later: the chat is not made for this one`);
  return isTested(node)
    ? good("version", found)
    : warning("version", found, `Use Node ${TESTED_MAJORS.join(", ")}: no other is tested`);
}

/** The URL where the chat is mounted: the path of `url`, or `/nereid-chat`. */
function baseOf(url: string): string {
  const { origin, pathname } = new URL(url);
  const path = pathname.replace(/\/+$/, "");
  return `${origin}${path === "" ? "/nereid-chat" : path}`;
}

/** A session of the host application, if its secret is at hand. */
async function sessionOf({ environment, now }: Surroundings): Promise<string | undefined> {
  const { CHAT_JWT_SECRET: secret, CHAT_JWT_ISSUER: issuer, CHAT_JWT_AUDIENCE: audience } = environment;
  return secret === undefined ? undefined : signSession({ issuer, audience }, secret, now());
}
