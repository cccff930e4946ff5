import * as v from "valibot";
import { bad, type Finding, good, skipped } from "../finding.js";
import { ask, isLocal, jsonOf, type Site } from "./site.js";

/** A chat token of the doctor's own, to follow a stream with. */
export type Visitor = { token: string; cursor: string };

/** A session of the host: its cookie, or a JWT that was signed here. */
type Session = { cookie: string | undefined; jwt: string | undefined };

/** Gets a chat token: by a session if there is one, else as a guest, whose cookie is looked at. */
export async function enter(
  site: Site,
  { cookie, jwt }: Session,
  origin: string | undefined,
): Promise<{ findings: Finding[]; visitor?: Visitor }> {
  if (cookie !== undefined) return enterByCookie(site, cookie);
  return jwt === undefined ? enterAsGuest(site, origin) : enterBySession(site, jwt, origin);
}

/** Revokes the token. */
export async function leave(site: Site, { token }: Visitor): Promise<void> {
  await ask(site, `${site.base}/token/${token}`, { method: "DELETE" });
}

const Made = v.object({ token: v.string(), cursor: v.string() });
const Refused = v.object({ code: v.string() });

async function enterByCookie(site: Site, cookie: string): Promise<{ findings: Finding[]; visitor?: Visitor }> {
  const { origin } = new URL(site.base);
  const headers = { Cookie: cookie, Origin: origin, "Sec-Fetch-Site": "same-origin" };
  const reply = await ask(site, `${site.base}/token`, { method: "POST", headers });
  const made = "failure" in reply ? undefined : v.safeParse(Made, jsonOf(reply.text));
  if (made?.success)
    return { findings: [good("session", "The chat knows the user of the cookie")], visitor: made.output };
  const reason = "failure" in reply ? reply.failure : `status ${reply.response.status}`;
  const advice =
    "Copy the whole Cookie header of a page where you are logged in; then look at what `user` returns for its requests";
  return { findings: [bad("session", `The chat does not know the user of the cookie: ${reason}`, advice)] };
}

async function enterBySession(
  site: Site,
  session: string,
  origin: string | undefined,
): Promise<{ findings: Finding[]; visitor?: Visitor }> {
  const reply = await ask(site, `${site.base}/token`, {
    method: "POST",
    headers: { Authorization: `Bearer ${session}` },
  });
  const made = "failure" in reply ? undefined : v.safeParse(Made, jsonOf(reply.text));
  if (made?.success) {
    const accepted = good("session", "The deployment accepts a session that is signed with this CHAT_JWT_SECRET");
    const guest = await enterAsGuest(site, origin);
    if (guest.visitor !== undefined) await leave(site, guest.visitor);
    return { findings: [accepted, ...guest.findings], visitor: made.output };
  }
  const reason = "failure" in reply ? reply.failure : `status ${reply.response.status}`;
  const refused = bad(
    "session",
    `The deployment refuses a session that is signed with this CHAT_JWT_SECRET: ${reason}`,
    "Give both the same CHAT_JWT_SECRET (and CHAT_JWT_ISSUER, CHAT_JWT_AUDIENCE), and deploy again; then compare the clocks, and let the header Authorization through",
  );
  // The rest can be looked at as a guest.
  const guest = await enterAsGuest(site, origin);
  return { ...guest, findings: [refused, ...guest.findings] };
}

async function enterAsGuest(
  site: Site,
  origin: string | undefined,
): Promise<{ findings: Finding[]; visitor?: Visitor }> {
  const headers = {
    "Content-Type": "application/json",
    ...(origin === undefined ? {} : { Origin: origin, "Sec-Fetch-Site": "cross-site" }),
  };
  const reply = await ask(site, `${site.base}/token`, {
    method: "POST",
    headers,
    body: JSON.stringify({ displayName: "Doctor" }),
  });
  if ("failure" in reply)
    return {
      findings: [bad("guest", `A guest gets no token: ${reply.failure}`, "Let POST requests through to the chat")],
    };
  const body = jsonOf(reply.text);
  if (v.is(Made, body))
    return {
      findings: [checkCookie(site, reply.response, origin)],
      visitor: { token: body.token, cursor: body.cursor },
    };
  if (reply.response.status === 401 && v.is(Refused, body))
    return {
      findings: [
        skipped(
          "cookie",
          "Guests are not admitted, so the chat sets no cookie",
          "Nothing; CHAT_GUESTS=1 would admit them",
        ),
      ],
    };
  const problem = v.is(Refused, body) ? body.code : "not the chat's";
  return {
    findings: [
      bad(
        "guest",
        `A guest gets no token: status ${reply.response.status}, ${problem}`,
        "Let POST requests with JSON through to the chat",
      ),
    ],
  };
}

function checkCookie({ base }: Site, { headers }: Response, origin: string | undefined): Finding {
  const [cookie] = headers.getSetCookie();
  if (cookie === undefined)
    return bad("cookie", "The response to a guest sets no cookie", "Let Set-Cookie through: a proxy takes it away");
  const has = (attribute: string) =>
    cookie.split(";").some((it) => it.trim().toLowerCase() === attribute.toLowerCase());
  const https = base.startsWith("https:");
  const foreign = https && origin !== undefined && origin !== new URL(base).origin;
  const wanted = [
    "HttpOnly",
    "Path=/",
    ...(https ? ["Secure"] : []),
    ...(foreign ? ["SameSite=None", "Partitioned"] : []),
  ];
  const missing = wanted.filter((it) => !has(it));
  if (!(foreign || has("SameSite=Lax") || has("SameSite=Strict"))) missing.push("SameSite=Lax");
  if (missing.length === 0)
    return good(
      "cookie",
      `A guest's cookie is ${wanted.join(", ")}${isLocal(base) && !https ? ", without Secure on plain http" : ""}`,
    );
  if (missing.includes("Secure"))
    return bad(
      "cookie",
      "A guest's cookie lacks Secure: the chat takes the request for plain http",
      "Let the proxy that ends TLS send X-Forwarded-Proto: https",
    );
  if (foreign && has("SameSite=Lax"))
    return bad(
      "cookie",
      `Browsers do not keep a guest's cookie on pages of ${origin}: it is SameSite=Lax`,
      "Add the origin to CHAT_ORIGINS, and let Origin and Sec-Fetch-Site through",
    );
  return bad(
    "cookie",
    `A guest's cookie lacks ${missing.join(", ")}`,
    "Let Set-Cookie through as it is: a proxy rewrites it",
  );
}
