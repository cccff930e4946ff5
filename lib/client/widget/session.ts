import { connect } from "../connect.js";
import type { Chat, Credential } from "../protocol/chat.js";
import { ChatError } from "../protocol/problem.js";

// The deployment is the one that served this script, unless the script is bundled with the page's own.
const script = globalThis.document?.currentScript;
const source = script instanceof HTMLScriptElement ? script.src : import.meta.url;
const ORIGIN = source?.includes("/nereid-chat/") ? source : undefined;

export type Access = { token: string | undefined; tokenUrl: string | undefined; url: string | undefined };

/** Connects with an element's attributes. Without any, the page's session cookie identifies the user. */
export function open({ token, tokenUrl, url = ORIGIN }: Access): Chat {
  return connect({
    ...(url === undefined ? {} : { url }),
    ...(token === undefined ? {} : { token }),
    ...(tokenUrl === undefined ? {} : { getToken: (signal: AbortSignal) => fetchCredential(tokenUrl, signal) }),
  });
}

async function fetchCredential(url: string, signal: AbortSignal): Promise<Credential> {
  const response = await fetch(url, { method: "POST", signal, headers: { Accept: "application/json" } });
  const answer: unknown = response.ok ? await response.json() : undefined;
  if (isCredential(answer)) return answer;
  throw new ChatError({ code: "unauthenticated", status: response.status, title: `Cannot get a token from ${url}` });
}

function isCredential(answer: unknown): answer is Credential {
  return typeof answer === "object" && answer !== null && "token" in answer && typeof answer.token === "string";
}

const INVITE = /[#&]nereid-chat=([^&]+)/;

/** Returns the invite code in the page's URL, and removes it from there. */
export function takeInvite(): string | undefined {
  const code = INVITE.exec(location.hash)?.[1];
  if (code === undefined) return undefined;
  history.replaceState(history.state, "", location.href.replace(INVITE, ""));
  return decodeURIComponent(code);
}

/** Returns a link to this page that joins by an invite. */
export function linkTo(code: string, prefix = `${location.href.split("#")[0]}#nereid-chat=`): string {
  return prefix + encodeURIComponent(code);
}
