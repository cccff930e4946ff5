import type { Problem } from "../protocol/problem.js";
import { NO_TOKEN } from "./session.js";

// What the developer of a page can do, by code.
const ADVICE: Readonly<Record<string, string>> = {
  unreachable: "The deployment does not answer, or not to pages of this origin: CHAT_ORIGINS must list it",
  origin_not_allowed: "CHAT_ORIGINS must list it",
  unauthenticated:
    "Nobody is logged in, or the session does not fit CHAT_JWT_SECRET, CHAT_JWKS_URL, CHAT_JWT_AUDIENCE or CHAT_JWT_ISSUER",
  token_unknown: "The token has expired or is another deployment's: with token-url, the widget can renew it",
  rate_limited: "Too many requests: the variables CHAT_RATE_… set how many are allowed",
};

// A page cannot be kept out of its own origin. Development servers compile a route with its first request, which can take longer than the client waits.
const SILENT =
  "The server of this page does not answer there: is the chat mounted at that path, or still being compiled?";

// Such a page sends the origin "null", which CHAT_ORIGINS cannot list.
const NO_ORIGIN =
  "No deployment can admit a page without an origin: a sandboxed frame needs allow-same-origin, and a file is to be served over http";

// The deployment is not at fault, and is not even asked.
const TOKENLESS =
  "This page's own back end has to answer a POST there with what createToken() returns; at another origin, it must allow this one, with credentials";

const reported = new Set<string>();

/** Tells the developer of the page once why the chat does not connect. */
export function diagnose(problem: Problem, url: string): void {
  const { code, status, title = "" } = problem;
  const advice = adviceOn(problem, url);
  const text = `nereid-chat: ${url} ${status} ${code} ${title}. ${advice} (origin ${ownOrigin()})`;
  if (reported.has(text)) return;
  reported.add(text);
  // biome-ignore lint/suspicious/noConsole: the reader is the page's developer, who has no other view of it
  console.warn(text);
}

function adviceOn({ code, title = "" }: Problem, url: string): string {
  if (title.startsWith(NO_TOKEN)) return TOKENLESS;
  if (ownOrigin() === "null") return NO_ORIGIN;
  return code === "unreachable" && url.startsWith(`${ownOrigin()}/`) ? SILENT : (ADVICE[code] ?? "");
}

/** The origin that the page's requests carry: of a sandboxed frame it is not that of its address, and the other way round in a frame of `srcdoc`. */
function ownOrigin(): string {
  return globalThis.origin ?? location.origin;
}
