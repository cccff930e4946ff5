import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { bad, type Finding, good, skipped, warning } from "../finding.js";
import { ask, isLocal, jsonOf, type Site } from "./site.js";

/** Checks that a chat responds, with its store, and what a proxy may have done to the response. */
export async function checkHealth(site: Site): Promise<{ findings: Finding[]; reachable: boolean }> {
  const reply = await ask(site, `${site.base}/health`);
  if ("failure" in reply) return { findings: [unreachable(site, reply.failure)], reachable: false };
  const body = jsonOf(reply.text);
  if (v.is(Trouble, body)) return { findings: [ofStore(body.detail)], reachable: false };
  const health = v.safeParse(Health, body);
  if (reply.response.status !== 200 || !health.success)
    return { findings: [stranger(site, reply.response)], reachable: false };
  const findings = [
    good("deployment", `${site.base}/health responds in ${reply.ms} ms`),
    distance(await shortest(site, health.output.roundTripMs)),
    clock(reply.response, site.now()),
    caching(reply.response),
  ];
  return { findings, reachable: true };
}

/** Checks that tokens do not travel in plain text. */
export async function checkHttps(site: Site): Promise<Finding> {
  const { base } = site;
  if (isLocal(base)) return good("https", "This machine needs none");
  const advice = "Redirect http to https (308), and send Strict-Transport-Security";
  if (base.startsWith("http:"))
    return bad("https", "The URL is plain http: tokens and messages can be read on the way", "Use the https URL");
  const reply = await ask(site, `${base.replace(/^https:/, "http:")}/health`);
  if ("failure" in reply) return good("https", `Plain http is not served: ${reply.failure}`);
  const { status, headers } = reply.response;
  if (status >= 300 && status < 400 && headers.get("location")?.startsWith("https:"))
    return good("https", "Plain http leads to https");
  return status < 300
    ? bad("https", "The chat also responds over plain http", advice)
    : good("https", `Plain http is refused with ${status}`);
}

/** Compares the version of a deployment with that of this program. Only a deployment of its own describes itself. */
export async function checkVersion(site: Site, own: string): Promise<Finding> {
  const reply = await ask(site, new URL("/openapi.json", site.base).href);
  const body = "failure" in reply ? undefined : v.safeParse(Description, jsonOf(reply.text));
  if (!body?.success)
    return good(
      "version",
      `This is nereid-chat ${own}; a chat that is mounted in an application does not tell its version`,
    );
  const { version } = body.output.info;
  const found = `The deployment is nereid-chat ${version}, this is ${own}`;
  return version === own
    ? good("version", found)
    : warning("version", found, `Deploy ${own}, or run npx nereid-chat@${version} doctor`);
}

/** Checks the client's files: that any page may load them, as scripts. */
export async function checkFiles(site: Site): Promise<Finding> {
  const reply = await ask(site, `${site.base}/client.js`);
  if ("failure" in reply || reply.response.status !== 200) {
    const status = "failure" in reply ? reply.failure : `status ${reply.response.status}`;
    return bad(
      "files",
      `client.js cannot be loaded: ${status}`,
      "Run the build (`npm run build`), and route the whole path of the chat to it",
    );
  }
  const { headers } = reply.response;
  const type = headers.get("content-type") ?? "none";
  if (!/javascript/.test(type)) return bad("files", `client.js is no script: its content-type is ${type}`, ROUTE_FILES);
  const wrong = Object.entries(OF_FILES).filter(([name, pattern]) => !pattern.test(headers.get(name) ?? ""));
  if (wrong.length === 0) return good("files", "client.js can be loaded by any page");
  const names = wrong.map(([name]) => `${name}: ${headers.get(name) ?? "none"}`).join(", ");
  return warning(
    "files",
    `client.js has ${names}`,
    "Let the headers of the files through: pages of other origins need them to load the script",
  );
}

const ROUTE_FILES =
  "Let the whole path of the chat reach it: a page of the application, or of a proxy, comes in place of the file";
const OF_FILES = {
  "access-control-allow-origin": /^\*$/,
  "cross-origin-resource-policy": /^cross-origin$/,
};

const Health = v.object({ status: v.literal("ok"), roundTripMs: v.number() });
const Trouble = v.object({ code: v.literal("unavailable"), detail: v.string() });
const Description = v.object({ info: v.object({ title: v.string(), version: v.string() }) });

function unreachable({ base }: Site, failure: string): Finding {
  return bad(
    "deployment",
    `${base} cannot be reached: ${failure}`,
    "Check the URL, this machine's network, that the deployment exists, and that its protection (Vercel Authentication) lets you in",
  );
}

function ofStore(detail: string): Finding {
  return bad(
    "deployment",
    `The chat responds, but: ${detail}`,
    "Run `nereid-chat doctor` without a URL, with the variables of the deployment",
  );
}

function stranger({ base }: Site, { status, headers }: Response): Finding {
  const type = headers.get("content-type") ?? "no type";
  const found = `${base}/health responds with ${status} (${type}), which is not the chat`;
  if (status === 429)
    return bad("deployment", `${base}/health refuses so many requests`, "Wait a few seconds, and try again");
  if (status >= 500)
    return bad("deployment", found, "Look at the log of the function: a wrong variable is named there");
  if (status === 401 || (status >= 300 && status < 400))
    return bad(
      "deployment",
      found,
      "Switch off the protection or redirection of this path: the browser's requests meet it, too",
    );
  return bad(
    "deployment",
    found,
    "Mount the chat at this path, or name the path in the URL; a rewrite must keep the whole path",
  );
}

// From a function in the same region the store answers in a few ms.
const FAR_MS = 50;

// The chat measures again after a second.
const AGAIN_MS = 1_100;
const ROUNDS = 2;

/** Measures again if the first reading was slow: it may have opened the connection. */
async function shortest(site: Site, first: number): Promise<number> {
  let least = first;
  for (let round = 0; round < ROUNDS && least > FAR_MS; round++) {
    await sleep(AGAIN_MS);
    const reply = await ask(site, `${site.base}/health`);
    const health = "failure" in reply ? undefined : v.safeParse(Health, jsonOf(reply.text));
    if (health?.success) least = Math.min(least, health.output.roundTripMs);
  }
  return least;
}

function distance(ms: number): Finding {
  const found = `The store answers the deployment in ${ms} ms`;
  return ms <= FAR_MS
    ? good("round trip", found)
    : warning(
        "round trip",
        found,
        "Choose the region of the functions (vercel.json, `regions`) that is nearest to the database's primary",
      );
}

// A Date has whole seconds, and a session is accepted 30 s before and after its time.
const SKEW_MS = { warning: 5_000, bad: 30_000 };

function clock({ headers }: Response, now: number): Finding {
  const date = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(date)) return skipped("clock", "The response has no Date", "Nothing, unless sessions are refused");
  const skew = Math.abs(now - date);
  const found = `This machine and the deployment differ by ${Math.round(skew / 1_000)} s`;
  if (skew < SKEW_MS.warning) return good("clock", found);
  const advice = "Let both set their clocks by NTP: a session that is signed here would end too early or be refused";
  return skew < SKEW_MS.bad ? warning("clock", found, advice) : bad("clock", found, advice);
}

function caching({ headers }: Response): Finding {
  const control = headers.get("cache-control") ?? "none";
  const vary = headers.get("vary") ?? "none";
  const hit = /\bHIT\b/i.test(
    `${headers.get("x-cache")} ${headers.get("cf-cache-status")} ${headers.get("x-vercel-cache")}`,
  );
  const advice = "Let no proxy cache or change responses of the chat: pass Cache-Control and Vary on as they are";
  if (hit || Number(headers.get("age") ?? 0) > 0)
    return bad("caching", "The response came from a cache: users can get each other's messages", advice);
  if (!/no-store/.test(control))
    return bad("caching", `Cache-Control is ${control}, where the chat sends private, no-store`, advice);
  if (!/no-transform/.test(control))
    return warning("caching", `Cache-Control is ${control}, without no-transform`, advice);
  return /authorization/i.test(vary)
    ? good("caching", "Responses are not cached")
    : warning("caching", `Vary is ${vary}`, advice);
}
