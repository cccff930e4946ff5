import type { Problem } from "../protocol/problem.js";

// What the developer of a page can do, by code.
const ADVICE: Readonly<Record<string, string>> = {
  unreachable: "The deployment does not answer, or does not let pages of this origin in: CHAT_ORIGINS must list it",
  origin_not_allowed: "CHAT_ORIGINS of the deployment must list the origin of this page",
  unauthenticated:
    "Nobody is logged in, or the deployment does not accept the session: CHAT_JWT_SECRET, CHAT_JWKS_URL, CHAT_JWT_AUDIENCE and CHAT_JWT_ISSUER must fit it",
  token_unknown:
    "The chat token has expired or belongs to another deployment; set token-url, so that the widget can renew it",
  rate_limited:
    "Too many requests: CHAT_RATE_TOKEN, CHAT_RATE_GUEST, CHAT_RATE_SEND and CHAT_RATE_STREAM set how many are allowed",
};

// A page cannot be kept out of its own origin. Development servers compile a route with its first request, which can take longer than the client waits.
const SILENT =
  "The server of this page does not answer there: is the chat mounted at that path, or is it still being compiled?";

const reported = new Set<string>();

/** Tells the developer of the page once why the chat does not connect. */
export function diagnose({ code, status, title = "" }: Problem, url: string): void {
  const advice = code === "unreachable" && url.startsWith(`${location.origin}/`) ? SILENT : (ADVICE[code] ?? "");
  const text = `nereid-chat: ${url} ${status} ${code} ${title}. ${advice} (origin ${location.origin})`;
  if (reported.has(text)) return;
  reported.add(text);
  // biome-ignore lint/suspicious/noConsole: the reader is the page's developer, who has no other view of it
  console.warn(text);
}
