import { connect } from "../connect.js";
import { findBase, isIn } from "../environment/base.js";
import type { Chat, Credential } from "../protocol/chat.js";
import { ChatError, codeOf } from "../protocol/problem.js";

// The deployment is the one that served this script, unless the script is bundled with the page's own.
const script = globalThis.document?.currentScript;
const source = script && "src" in script ? script.src : import.meta.url;
const ORIGIN = isIn(source) ? source : undefined;

export type Access = {
  token: string | undefined;
  tokenUrl: string | undefined;
  /** Read at each request, since tokens against forgery change. */
  tokenHeaders: Readonly<Record<string, string>> | undefined;
  url: string | undefined;
  basePath: string | undefined;
};

/**
 * Connects with an element's attributes. Without any, the page's session cookie identifies the user. Calls `lost` when a new token is
 * another user's, or is refused since nobody is logged in.
 */
export function open(access: Access, token: string | Credential | undefined, lost: () => void): Chat {
  const { tokenUrl, url = ORIGIN, basePath } = access;
  const getToken = async (endpoint: string, signal: AbortSignal) => {
    const credential = await fetchCredential(endpoint, access.tokenHeaders, signal).catch((error) => {
      if (codeOf(error) === "unauthenticated") lost();
      throw error;
    });
    const { actor } = credential;
    if (chat.me !== undefined && actor !== undefined && actor.id !== chat.me.id) lost();
    return credential;
  };
  const chat = connect({
    ...(url === undefined ? {} : { url }),
    ...(basePath === undefined ? {} : { basePath }),
    ...(token === undefined ? {} : { token }),
    ...(tokenUrl === undefined ? {} : { getToken: (signal: AbortSignal) => getToken(tokenUrl, signal) }),
  });
  return chat;
}

/** Returns the base URL of the deployment of an element. */
export function baseOf({ url = ORIGIN, basePath }: Access): string {
  return findBase(url, undefined, basePath);
}

/** How the title of the problem begins when the page's own back end gives no token. */
export const NO_TOKEN = "Cannot get a token from";

async function fetchCredential(url: string, headers: Access["tokenHeaders"], signal: AbortSignal): Promise<Credential> {
  const init = { method: "POST", signal, headers: { Accept: "application/json", ...headers } };
  // Undefined where there is no answer, and null where it is no JSON, such as the page of a login.
  const response = await fetch(url, { ...init, credentials: "include" }).catch(() => undefined);
  const answer: unknown = response?.ok ? await response.json().catch(() => null) : undefined;
  if (isCredential(answer)) return answer;
  const { status = 0 } = response ?? {};
  const code = status === 429 ? "rate_limited" : [401, 403].includes(status) ? "unauthenticated" : "unreachable";
  throw new ChatError({ code, status, title: `${NO_TOKEN} ${url}` });
}

function isCredential(answer: unknown): answer is Credential {
  return typeof answer === "object" && answer !== null && "token" in answer && typeof answer.token === "string";
}
