import { bad, type Finding, good, skipped } from "../finding.js";
import { ask, type Site } from "./site.js";

/** Checks that pages of `origin` may use the chat, and that pages of an origin which nobody lists may not. */
export async function checkCors(site: Site, origin: string | undefined): Promise<Finding[]> {
  const foreign = await checkForeign(site);
  if (origin === undefined)
    return [
      skipped(
        "cors",
        "Pages of the chat's own origin need none",
        "Name the origin of your pages by --origin https://… if it is another one",
      ),
      foreign,
    ];
  if (origin === new URL(site.base).origin) return [good("cors", `${origin} is the chat's own origin`), foreign];
  return [await checkListed(site, origin), foreign];
}

const ADVICE = "Add it to CHAT_ORIGINS, and deploy again";

async function checkListed(site: Site, origin: string): Promise<Finding> {
  const [preflight, simple] = await Promise.all([
    ask(site, `${site.base}/token`, preflightOf(origin)),
    ask(site, `${site.base}/health`, { headers: { Origin: origin } }),
  ]);
  if ("failure" in preflight)
    return bad(
      "cors",
      `A preflight request gets no response: ${preflight.failure}`,
      "Let OPTIONS requests through to the chat",
    );
  if ("failure" in simple) return bad("cors", `No response: ${simple.failure}`, ADVICE);
  const { headers, status } = preflight.response;
  const allowed = headers.get("access-control-allow-origin");
  if (allowed === null) return bad("cors", `${origin} is not allowed`, ADVICE);
  if (allowed !== origin)
    return bad(
      "cors",
      `Instead of ${origin} the preflight allows ${allowed}`,
      "Let the chat alone answer CORS: a proxy adds or changes its headers",
    );
  const missing = [
    ...(status < 200 || status > 299 ? [`a status of success (${status})`] : []),
    ...lacks(headers, "access-control-allow-methods", "POST"),
    ...lacks(headers, "access-control-allow-headers", "authorization"),
    ...lacks(headers, "access-control-allow-credentials", "true"),
    ...(simple.response.headers.get("access-control-allow-origin") === origin
      ? []
      : ["the origin in the response that follows"]),
  ];
  if (missing.length === 0) return good("cors", `Pages of ${origin} may use the chat`);
  return bad(
    "cors",
    `The preflight lacks ${missing.join(", ")}`,
    "Let the chat alone answer CORS: a proxy takes its headers away",
  );
}

/** The origin of nobody: `.invalid` is never registered (RFC 2606). */
const NOBODY = "https://doctor.nereid-chat.invalid";

async function checkForeign(site: Site): Promise<Finding> {
  const reply = await ask(site, `${site.base}/health`, { headers: { Origin: NOBODY } });
  if ("failure" in reply) return skipped("other origins", reply.failure, "Try again");
  const allowed = reply.response.headers.get("access-control-allow-origin");
  if (allowed === null) return good("other origins", "Origins that are not listed are not allowed");
  return bad(
    "other origins",
    `Any origin is allowed (${allowed})`,
    "Remove Access-Control-Allow-Origin from the proxy or the host's headers: the chat lists origins itself",
  );
}

function preflightOf(origin: string): RequestInit {
  const headers = {
    Origin: origin,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
  };
  return { method: "OPTIONS", headers };
}

function lacks(headers: Headers, name: string, value: string): string[] {
  return headers.get(name)?.toLowerCase().includes(value.toLowerCase()) ? [] : [`${name}: ${value}`];
}
