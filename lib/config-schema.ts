import * as v from "valibot";

const text = v.pipe(v.string("must be a string"), v.trim());
const setting = v.optional(v.pipe(text, v.minLength(1, "must not be empty")));
const httpUrl = v.optional(v.pipe(text, v.url("must be a URL"), v.regex(/^https?:/i, "must start with http or https")));
const Digit = v.pipe(
  text,
  v.picklist(["", "0", "1"]),
  v.transform((it) => it === "1"),
);
const flag = v.optional(v.union([v.boolean(), Digit], "must be 0 or 1"), false);
const ORIGINS = "must list origins such as https://example.org or https://*.example.org";
const Origin = v.pipe(
  text,
  v.regex(/^https?:\/\/(?:[^/\\?#@*\s]+|\*(?:\.[^/\\?#@*.:\s]+){2,}(?::\d+)?)$/i, ORIGINS),
  v.transform(asSentByBrowsers),
  v.string(ORIGINS),
);

// A URL takes more hosts than pages have: with an empty label (`.example.org`), an escaped star, the `;` of a list.
const OF_A_PAGE = /^https?:\/\/(?:\[[\da-f:.]+\]|[\w-]+(?:\.[\w-]+)*\.?)(?::\d+)?$/;

/** Writes an origin as browsers do: without the default port, in lower case, and with the ASCII form of its host. Undefined if no page has it. */
function asSentByBrowsers(origin: string): string | undefined {
  // A URL cannot have a star, but the label of that letter.
  const starred = origin.replace("//*.", "//x.");
  if (!URL.canParse(starred)) return undefined;
  const written = new URL(starred).origin;
  if (!OF_A_PAGE.test(written)) return undefined;
  return starred === origin ? written : written.replace("//x.", "//*.");
}

const OriginList = v.pipe(
  text,
  v.transform((it) => it.split(/[\s,]+/).filter((origin) => origin !== "")),
);

function count(fallback: number, min: number, max: number) {
  const range = `must be a whole number from ${min} to ${max}`;
  const digits = v.pipe(text, v.regex(/^\d{1,15}$/, range), v.transform(Number));
  return v.optional(
    v.pipe(v.union([v.number(), digits], range), v.safeInteger(range), v.minValue(min, range), v.maxValue(max, range)),
    fallback,
  );
}

const MediaRange = v.pipe(
  text,
  v.toLowerCase(),
  v.regex(/^(\*\/\*|[a-z0-9.+-]+\/(\*|[a-z0-9.+-]+))$/, "must list media types such as image/*"),
);
const MediaRanges = v.pipe(
  text,
  v.transform((it) => it.split(/[\s,]+/).filter((range) => range !== "")),
  v.array(MediaRange),
);

/** The settings of a chat, as options or as texts of the environment; each has a default or may be absent. */
export const Settings = v.object({
  redisUrl: httpUrl,
  redisToken: setting,
  store: v.optional(v.picklist(["upstash", "local"], "must be upstash or local"), "upstash"),
  basePath: v.optional(
    v.pipe(text, v.regex(/^(\/[\w.~-]+)+$/, "must be a path such as /nereid-chat, without a slash at its end")),
    "/nereid-chat",
  ),
  prefix: v.optional(v.pipe(text, v.regex(/^[A-Za-z0-9:_-]{0,32}$/, "must be up to 32 of A-Z a-z 0-9 : _ -")), "chat:"),
  origins: v.optional(
    v.pipe(
      v.union([v.array(v.string()), OriginList], "must be a list of origins"),
      v.array(Origin),
      v.transform((origins): ReadonlySet<string> => new Set(origins)),
    ),
    "",
  ),
  sessionCookie: v.optional(v.pipe(text, v.regex(/^[\w.-]{1,64}$/, "must be a cookie name")), "chat_session"),
  // RFC 7518 §3.2: an HS256 key has at least 256 bits.
  jwtSecret: v.optional(v.pipe(v.string("must be a string"), v.minBytes(32, "must have at least 32 bytes"))),
  jwksUrl: httpUrl,
  jwtIssuer: setting,
  jwtAudience: setting,
  guests: flag,
  tokenTtl: count(3_600, 1, 86_400),
  // A function may run for 300 s (Hobby), or 800 s where `maxDuration` is raised (Pro); the rest is left so that a stream ends by its own
  // deadline.
  liveSeconds: count(240, 1, 780),
  idleAfter: count(600, 0, 86_400),
  history: count(10_000, 1, 1_000_000),
  roomMax: count(10_000, 2, 10_000),
  rateSend: count(10, 1, 1_000_000_000),
  rateToken: count(10, 1, 1_000_000_000),
  // A class or an office comes in within a minute, all from one address.
  rateGuest: count(60, 1, 1_000_000_000),
  rateStream: count(20, 1, 1_000_000_000),
  reach: v.optional(v.picklist(["anyone", "contacts"], "must be anyone or contacts"), "anyone"),
  rateReach: count(1_000, 1, 1_000_000_000),
  webhookUrl: httpUrl,
  webhookSecret: v.optional(
    v.pipe(text, v.regex(/^whsec_[A-Za-z0-9+/]{32,128}={0,2}$/, "must be whsec_ and at least 24 bytes in base64")),
  ),
  webhookPrivate: flag,
  // A week at most: whoever is away for longer has heard of it.
  unreadAfter: count(15, 0, 10_080),
  push: v.optional(v.union([v.boolean(), Digit], "must be 0 or 1"), true),
  pushPublicKey: v.optional(v.pipe(text, v.regex(/^[A-Za-z0-9_-]{87}$/, "must be 65 bytes in base64url"))),
  pushPrivateKey: v.optional(v.pipe(text, v.regex(/^[A-Za-z0-9_-]{43}$/, "must be 32 bytes in base64url"))),
  pushSubject: v.optional(
    v.pipe(
      text,
      v.regex(/^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/i, "must be a mailto: or https: URL"),
      v.maxLength(255),
    ),
  ),
  previews: v.optional(v.union([v.boolean(), Digit], "must be 0 or 1"), true),
  // What mail carries, so what people expect to be able to send; pictures of phones have a tenth of it. S3 takes up to 5 GiB at once.
  fileMax: count(25 * 1024 * 1024, 1, 5 * 1024 ** 3),
  fileTypes: v.optional(v.union([v.array(MediaRange), MediaRanges], "must list media types such as image/*"), "*/*"),
  filesFolder: setting,
  s3Endpoint: httpUrl,
  s3Bucket: v.optional(v.pipe(text, v.regex(/^[A-Za-z0-9._-]{1,255}$/, "must be the name of a bucket"))),
  s3Region: v.optional(
    v.pipe(text, v.regex(/^[a-z0-9-]{1,64}$/, "must be a region such as eu-central-1, or auto")),
    "auto",
  ),
  s3AccessKeyId: setting,
  s3SecretAccessKey: setting,
  s3WriteOnce: v.optional(v.union([v.boolean(), Digit], "must be 0 or 1")),
  blobToken: v.optional(
    v.pipe(text, v.regex(/^(vercel_blob_rw_[A-Za-z0-9]+_\S+)?$/, "must be vercel_blob_rw_…, or empty for none")),
  ),
  blobStoreId: v.optional(v.pipe(text, v.regex(/^(store_)?[A-Za-z0-9]+$/, "must be the id of a store, store_…"))),
  beforeUrl: httpUrl,
  beforeFails: v.optional(v.picklist(["open", "closed"], "must be open or closed"), "open"),
  cronSecret: setting,
  log: v.optional(v.picklist(["silent", "error", "info"], "must be silent, error or info"), "error"),
});
