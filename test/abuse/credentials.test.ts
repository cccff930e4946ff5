import { SignJWT } from "jose";
import { decodeJwt } from "jose/jwt/decode";
import { jwtVerify } from "jose/jwt/verify";
import { afterAll, describe, expect, test } from "vitest";
import { inProcess } from "../support/in-process.js";
import { SECRET } from "../support/site.js";

const key = new TextEncoder().encode(SECRET);
const host = inProcess({ guests: true, rateToken: 1_000_000 });
const strict = inProcess({ guests: true, jwtIssuer: "https://host.test", jwtAudience: "chat", rateToken: 1_000_000 });
afterAll(() => Promise.all([host.stop(), strict.stop()]));

const JWT = /^chat_session=([^;]+)/;

async function guestOf(chat: typeof host): Promise<{ cookie: string; jwt: string; entity: unknown }> {
  const reply = await chat.call("POST", "token", { body: { displayName: "Administrator" } });
  const jwt = JWT.exec(reply.headers.get("set-cookie") ?? "")?.[1] ?? "";
  return { cookie: `chat_session=${jwt}`, jwt, entity: decodeJwt(jwt).sub };
}

function sign(claims: Record<string, unknown>, typ?: string): Promise<string> {
  return new SignJWT({ sub: "ann", ...claims })
    .setProtectedHeader(typ === undefined ? { alg: "HS256" } : { alg: "HS256", typ })
    .setExpirationTime("1h")
    .sign(key);
}

async function statusOf(chat: typeof host, jwt: string): Promise<number> {
  return (await chat.call("POST", "token", { headers: { authorization: `Bearer ${jwt}` } })).status;
}

describe("a guest's session", () => {
  test.each([
    ["nothing but the secret", host],
    ["issuer and audience, too", strict],
  ])("is refused by a host that verifies %s", async (_, chat) => {
    const { jwt } = await guestOf(chat);
    await expect(jwtVerify(jwt, key)).rejects.toThrow("signature verification failed");
    expect(decodeJwt(jwt)).toMatchObject({ iss: "nereid-chat:guest" });
    expect(decodeJwt(jwt).aud).toBeUndefined();
  });

  test.each([
    ["nothing but the secret", host],
    ["issuer and audience, too", strict],
  ])("makes the same guest again where the chat verifies %s", async (_, chat) => {
    const { cookie, entity } = await guestOf(chat);
    const again = await chat.call("POST", "token", { headers: { cookie }, body: { fresh: true } });
    expect(again).toMatchObject({ status: 200, json: { actor: { id: entity, objectType: "guest" } } });
  });

  test("cannot be signed by the secret itself", async () => {
    const claims = { sub: "guest,0b9f6a52-3c1d-4e8f-9a7b-112233445566", iss: "nereid-chat:guest" };
    expect(await statusOf(host, await sign(claims, "nereid-chat-guest+jwt"))).toBe(401);
  });
});

describe("a token of the host application", () => {
  test.each(["logout+jwt", "dpop+jwt", "secevent+jwt", "application/logout+jwt", "password-reset"])(
    "of the type %s is no session",
    async (typ) => {
      expect(await statusOf(host, await sign({}, typ))).toBe(401);
    },
  );

  test.each([undefined, "JWT", "jwt", "at+jwt", "application/at+jwt"])("of the type %s is one", async (typ) => {
    expect(await statusOf(host, await sign({}, typ))).toBe(200);
  });

  test("for another audience is no session where one is configured", async () => {
    const iss = "https://host.test";
    expect(await statusOf(strict, await sign({ iss, aud: "chat" }))).toBe(200);
    for (const claims of [{ iss }, { iss, aud: "password-reset" }, { iss, aud: [] }, { aud: "chat" }])
      expect(await statusOf(strict, await sign(claims))).toBe(401);
  });
});
