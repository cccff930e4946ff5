import { type Mutant, mutantsOf } from "../mutant.js";

/** Mutants of sections 1 to 3 and 8: origins, credentials, tokens, limits. */
export const CREDENTIALS: readonly Mutant[] = [
  ...mutantsOf("contract/rules", "§1", {
    "a cookie does not write from a foreign origin": [
      "http/cors",
      "if (!usesCookie || (SAFE_METHODS.has(request.method) && !toStream)) return;",
      "if (!usesCookie || !toStream) return;",
    ],
    "a cookie does not follow a stream from a foreign origin": [
      "http/cors",
      "SAFE_METHODS.has(request.method) && !toStream",
      "SAFE_METHODS.has(request.method)",
    ],
  }),
  ...mutantsOf("contract/credentials", "§2", {
    "a session's cookie is the one that CHAT_SESSION_COOKIE names": [
      "http/credential",
      "cookie(header, config.sessionCookie)",
      'cookie(header, "chat_session")',
    ],
    "a chat token may come in the path": [
      "http/credential",
      'if (pathToken !== undefined) { if (!isUuid(pathToken)) throw new Fault("token_unknown"); return { kind: "token", token: pathToken.toLowerCase(), inPath: true }; }',
      "",
    ],
    "a chat token may come as a bearer": [
      "http/credential",
      'if (isUuid(value)) return { kind: "token", token: value.toLowerCase(), inPath: false };',
      "",
    ],
    "a chat token makes no tokens": [
      "http/authenticate",
      'if (authenticated?.kind === "token") throw new Fault("token_not_allowed");',
      "",
    ],
    "an unknown chat token in the header is a 401": [
      "http/authenticate",
      'authenticated.inPath ? error : new Fault("token_unknown", { status: 401 })',
      "error",
    ],
    "the issuer must be CHAT_JWT_ISSUER": ["auth/jwt", "{ issuer }", "{}"],
    "the audience must be CHAT_JWT_AUDIENCE": ["auth/jwt", "{ audience }", "{}"],
    "name is the displayName": ["auth/session", "displayName: claims.name", "displayName: undefined"],
    "profile is the url": ["auth/session", "url: claims.profile", "url: undefined"],
    "picture is the image": ["auth/session", "url: claims.picture", "url: undefined"],
    "the claim actor is merged in": ["auth/session", "...acceptable(claims.actor)", "...{}"],
    "links of an actor are http or https": ["schema/actor", "/^https?:$/", "/:$/"],
    "an actor has no names that the server owns": ["auth/session", "SERVER_OWNED.has(key)", "false"],
    "contacts bound whom one may address": [
      "chat/thread",
      "checkContacts(caller, members); const key = chat.keys.direct(members);",
      "const key = chat.keys.direct(members);",
    ],
    "contacts bound whom one may bring into a room": [
      "chat/thread",
      "const members = [...new Set([caller.actor.id, ...request.members])]; checkContacts(caller, members);",
      "const members = [...new Set([caller.actor.id, ...request.members])];",
    ],
    "contacts bound whom one may add": [
      "chat/thread-admin",
      'const { subject, add = [], remove = [], ban = [], unban = [], role, history = "", slow = "" } = request; checkContacts(caller, add);',
      'const { subject, add = [], remove = [], ban = [], unban = [], role, history = "", slow = "" } = request;',
    ],
    "a guest comes only where CHAT_GUESTS says so": ["auth/guest", "!chat.config.guests", "false"],
    "a guest has a name": [
      "auth/guest",
      'if (name === undefined) throw new Fault("unauthenticated", { guests: true });',
      "",
    ],
    "a guest is of objectType guest": ["auth/guest", 'actor: { objectType: "guest" }', "actor: {}"],
    "a guest's cookie is HttpOnly": [
      "http/credential",
      "`${config.sessionCookie}=${jwt}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=${site}${attributes}`",
      "`${config.sessionCookie}=${jwt}; Path=/; Max-Age=${seconds}; SameSite=${site}${attributes}`",
    ],
    "a guest's cookie is SameSite=Lax": [
      "http/credential",
      'isSecure && isFromListedSite(config, request) ? "None" : "Lax"',
      '"None"',
    ],
    "a guest's cookie is Secure on https": ["http/credential", '"; Secure"', '""'],
    "a 401 says WWW-Authenticate": ["http/problem", '{ "WWW-Authenticate": "Bearer" }', "{}"],
  }),
  ...mutantsOf("http/credential", "§2", {
    "a chat token is no cookie": [
      "http/credential",
      'jwt === undefined || jwt === "" || isUuid(jwt)',
      'jwt === undefined || jwt === ""',
    ],
  }),
  ...mutantsOf("people/contact", "§2", {
    "contacts may be prefixes": [
      "people/contact",
      'it.endsWith("*") ? entity.startsWith(it.slice(0, -1)) : entity === it',
      "entity === it",
    ],
    "an empty list of contacts allows nobody": [
      "people/contact",
      'if (contacts === undefined) return true; return contacts.some((it) => it.endsWith("*") ? entity.startsWith(it.slice(0, -1)) : entity === it);',
      'if (!contacts?.length) return true; return contacts.some((it) => it.endsWith("*") ? entity.startsWith(it.slice(0, -1)) : entity === it);',
    ],
  }),
  ...mutantsOf("auth/session", "§2", {
    "the leeway is 60 s at most": ["auth/jwt", "LEEWAY_SECONDS = 30", "LEEWAY_SECONDS = 90"],
  }),
  ...mutantsOf("auth/kept-secret", "§2", {
    "the secret of a deployment is shown once": [
      "auth/kept-secret",
      "if redis.call('HGET', secret, 'shown') ~= showing then return false end",
      "",
    ],
    "all instances have the same secret": [
      "auth/kept-secret",
      "redis.call('HSETNX', secret, 'value', offered)",
      "redis.call('HSET', secret, 'value', offered)",
    ],
    "the store's token alone shows the secret": ["auth/kept-secret", "!isSame(token, config.redis.token)", "false"],
    "a deployment with another way to verify has no secret": [
      "auth/kept-secret",
      "jwt.secret === undefined && jwt.jwks === undefined && user === undefined",
      "jwt.secret === undefined",
    ],
  }),
  ...mutantsOf("auth/token", "§3", {
    "a chat token lives in the store as long as it holds": [
      "auth/token",
      "redis.call('SET', token, epoch .. '.' .. text(n) .. ' ' .. grant, 'EX', ttl)",
      "redis.call('SET', token, epoch .. '.' .. text(n) .. ' ' .. grant)",
    ],
  }),
  ...mutantsOf("auth/young-tokens", "§3", {
    "the tabs of a browser session share a token": [
      "auth/young-tokens",
      "young !== undefined && (await isValid(chat, young.sha, now)) ? young.made : undefined",
      "undefined",
    ],
    "after a request for a token the session's event stream continues": [
      "auth/young-tokens",
      "place === undefined || hasPassed(RESUME_MS, place.at, now) ? undefined : place.cursor",
      "undefined",
    ],
  }),
  ...mutantsOf("contract/tokens", "§3", {
    "a chat token that ends ends its held poll": [
      "stream/follow",
      "Math.min(Date.now() + options.wait * 1_000, caller.expires)",
      "Date.now() + options.wait * 1_000",
    ],
    "revoking ends the polls that are held": ["log/tail", "this.#polls.endTokens(shas);", ""],
    "revoking is heard by other instances": ["auth/token", "if #gone > 0 then", "if false then"],
    "revoking is told by the session to all tokens": [
      "auth/token",
      "batch.zrange(chat.keys.tokens(entity), 0, -1)",
      "batch.zrange(chat.keys.tokens(entity), 0, 0)",
    ],
    "what was sent after the token was made comes with the first poll": [
      "stream/saved-cursor",
      "caller.birth ?? now",
      "now",
    ],
  }),
  ...mutantsOf("contract/rates", "§8", {
    "new guests have a limit of their own": [
      "http/rate-limit",
      'guest: new RateLimiterMemory({ keyPrefix: "guest", points: guest, duration: 60 })',
      'guest: new RateLimiterMemory({ keyPrefix: "guest", points: 4, duration: 60 })',
    ],
    "a burst is of five seconds": ["http/rate-limit", "const BURST = 5", "const BURST = 6"],
    "guests have a fifth of the writes": ["http/rate-limit", "const GUEST_WRITES = 1 / 5", "const GUEST_WRITES = 1"],
    "guests have a tenth of the reads": ["http/rate-limit", "const GUEST_READS = 1 / 10", "const GUEST_READS = 1"],
    "what looks at each thread weighs by their number": [
      "log/thread-counts",
      "Math.min(this.#counts.get(entity) ?? UNKNOWN, most)",
      "Math.min(UNKNOWN, most)",
    ],
  }),
];
