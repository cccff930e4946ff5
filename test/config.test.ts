import { describe, expect, test } from "vitest";
import { type ChatOptions, ConfigError, parseConfig } from "../lib/config.js";

const SECRET = "a secret that has thirty-two bytes";
const BLOB_TOKEN = "vercel_blob_rw_aB1_secret_of_it";
const redis = { redisUrl: "https://redis.example", redisToken: "token" };

/** What `parseConfig` refuses with, as its message. */
function refusal(options: object, environment: Record<string, string> = {}): string {
  try {
    parseConfig({ ...redis, ...options }, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "nothing";
}

/** Each setting: its variable, a text that this may have, the option that says the same, and another value. */
const SETTINGS = {
  redisUrl: ["UPSTASH_REDIS_REST_URL", "https://a.example/", "https://a.example", "https://b.example"],
  redisToken: ["UPSTASH_REDIS_REST_TOKEN", "one", "one", "two"],
  basePath: ["CHAT_BASE_PATH", "/a", "/a", "/b/c"],
  prefix: ["CHAT_PREFIX", "a:", "a:", ""],
  origins: ["CHAT_ORIGINS", "https://A.example, http://b.example:1", ["https://a.example", "http://b.example:1"], []],
  sessionCookie: ["CHAT_SESSION_COOKIE", "a", "a", "b"],
  jwtSecret: ["CHAT_JWT_SECRET", `${SECRET}1`, `${SECRET}1`, `${SECRET}2`],
  jwksUrl: ["CHAT_JWKS_URL", "https://a.example/keys", "https://a.example/keys", "http://b.example/keys"],
  jwtIssuer: ["CHAT_JWT_ISSUER", "a", "a", "b"],
  jwtAudience: ["CHAT_JWT_AUDIENCE", "a", "a", "b"],
  guests: ["CHAT_GUESTS", "1", true, false],
  tokenTtl: ["CHAT_TOKEN_TTL", "60", 60, 61],
  liveSeconds: ["CHAT_LIVE_SECONDS", "60", 60, 61],
  idleAfter: ["CHAT_IDLE_AFTER", "60", 60, 0],
  history: ["CHAT_HISTORY", "60", 60, 61],
  roomMax: ["CHAT_ROOM_MAX", "60", 60, 61],
  rateSend: ["CHAT_RATE_SEND", "60", 60, 61],
  rateToken: ["CHAT_RATE_TOKEN", "60", 60, 61],
  rateGuest: ["CHAT_RATE_GUEST", "50", 50, 51],
  rateStream: ["CHAT_RATE_STREAM", "60", 60, 61],
  reach: ["CHAT_REACH", "contacts", "contacts", "anyone"],
  rateReach: ["CHAT_RATE_REACH", "60", 60, 61],
  webhookUrl: ["CHAT_WEBHOOK_URL", "https://a.example/hook", "https://a.example/hook", "https://b.example/hook"],
  unreadAfter: ["CHAT_UNREAD_AFTER", "60", 60, 61],
  previews: ["CHAT_PREVIEWS", "0", false, true],
  beforeUrl: ["CHAT_BEFORE_URL", "https://a.example/hook", "https://a.example/hook", "https://b.example/hook"],
  beforeFails: ["CHAT_BEFORE_FAILS", "closed", "closed", "open"],
  push: ["CHAT_PUSH", "0", false, true],
  pushSubject: ["CHAT_PUSH_SUBJECT", "mailto:a@a.example", "mailto:a@a.example", "https://b.example"],
  cronSecret: ["CRON_SECRET", "one", "one", "two"],
  fileMax: ["CHAT_FILE_MAX", "60", 60, 61],
  fileTypes: ["CHAT_FILE_TYPES", "image/PNG, video/*", ["image/png", "video/*"], ["*/*"]],
  filesFolder: ["CHAT_FILES_FOLDER", "/a", "/a", "/b"],
  blobToken: ["BLOB_READ_WRITE_TOKEN", BLOB_TOKEN, BLOB_TOKEN, ""],
  blobStoreId: ["BLOB_STORE_ID", "store_a", "store_a", "b"],
  log: ["CHAT_LOG", "info", "info", "silent"],
} as const satisfies Record<
  keyof Omit<
    ChatOptions,
    "user" | "beforeSend" | "webhookSecret" | "webhookPrivate" | "pushPublicKey" | "pushPrivateKey" | `s3${string}`
  >,
  readonly [string, string, unknown, unknown]
>;

const base = { UPSTASH_REDIS_REST_URL: "https://r.example", UPSTASH_REDIS_REST_TOKEN: "r", CHAT_JWT_SECRET: SECRET };

describe.each(Object.entries(SETTINGS))("the setting %s", (option, [variable, text, same, other]) => {
  test("has an option and a variable, which say the same", () => {
    const parsed = parseConfig({}, { ...base, [variable]: text });
    expect(parsed).toEqual(parseConfig({ [option]: same }, base));
    expect(parsed).not.toEqual(parseConfig({ [option]: other }, base));
  });

  test("is taken from the option where both are given", () => {
    expect(parseConfig({ [option]: other }, { ...base, [variable]: text })).toEqual(
      parseConfig({ [option]: other }, base),
    );
  });

  test("is taken from the variable where the option is undefined", () => {
    expect(parseConfig({ [option]: undefined }, { ...base, [variable]: text })).toEqual(
      parseConfig({ [option]: same }, base),
    );
  });
});

describe("the variables", () => {
  const KV = { KV_REST_API_URL: "https://kv.example//", KV_REST_API_TOKEN: "kv" };

  test("of Redis have two names, of which Upstash's own counts first", () => {
    expect(parseConfig({}, KV).redis).toEqual({ url: "https://kv.example", token: "kv" });
    expect(parseConfig({}, { ...KV, ...base }).redis).toEqual({ url: "https://r.example", token: "r" });
  });

  test("may have spaces around them", () => {
    const spaced = { CHAT_TOKEN_TTL: " 60\n", CHAT_ORIGINS: "\thttps://a.example ,,\n https://b.example " };
    expect(parseConfig({}, { ...base, ...spaced })).toMatchObject({
      tokenTtl: 60,
      origins: new Set(["https://a.example", "https://b.example"]),
    });
  });

  test("list origins as browsers send them", () => {
    const origins =
      "https://A.example:443 http://b.example:80 http://b.example:443 https://*.c.example:443 https://bücher.example";
    expect(parseConfig({}, { ...base, CHAT_ORIGINS: origins }).origins).toEqual(
      new Set([
        ...["https://a.example", "http://b.example", "http://b.example:443", "https://*.c.example"],
        "https://xn--bcher-kva.example",
      ]),
    );
  });

  test.each([
    "https://a.example?b",
    "https://a.example#b",
    "https://a@b.example",
    "https://a.example:99999",
    "https://a\\b",
  ])("refuse the origin %s, which no browser sends", (origin) => {
    expect(() => parseConfig({}, { ...base, CHAT_ORIGINS: origin })).toThrow("CHAT_ORIGINS must list origins");
  });

  test("that are unknown are ignored", () => {
    expect(parseConfig({}, { ...base, CHAT_UNKNOWN: "x", PATH: "/bin" })).toEqual(parseConfig({}, base));
  });
});

test("everything but Redis has a default", () => {
  expect(parseConfig(redis, {})).toEqual({
    user: undefined,
    redis: { url: "https://redis.example", token: "token" },
    store: "upstash",
    basePath: "/nereid-chat",
    prefix: "chat:",
    origins: new Set(),
    sessionCookie: "chat_session",
    jwt: { secret: undefined, jwks: undefined, issuer: undefined, audience: undefined },
    guests: false,
    tokenTtl: 3_600,
    liveSeconds: 240,
    idleAfter: 600,
    history: 10_000,
    roomMax: 10_000,
    rate: { send: 10, token: 10, guest: 60, stream: 20, reach: 1_000 },
    reach: "anyone",
    previews: true,
    hooks: { webhook: undefined, before: undefined, beforeFails: "open", unreadMs: 900_000 },
    files: { max: 26_214_400, types: ["*/*"], storage: undefined },
    beforeSend: undefined,
    push: { keys: undefined, subject: "https://github.com/nereid-chat/nereid-chat", reachable: "public" },
    cronSecret: undefined,
    log: "error",
  });
});

test("the user function is kept as it is", () => {
  const user = () => ({ id: "ann" });
  expect(parseConfig({ ...redis, user }, {}).user).toBe(user);
});

describe("a setting that is wrong", () => {
  test.each([
    ["CHAT_TOKEN_TTL", "tokenTtl", "0", 0, "must be a whole number from 1 to 86400"],
    ["CHAT_TOKEN_TTL", "tokenTtl", "86401", 86_401, "must be a whole number from 1 to 86400"],
    ["CHAT_TOKEN_TTL", "tokenTtl", "1.5", 1.5, "must be a whole number from 1 to 86400"],
    ["CHAT_TOKEN_TTL", "tokenTtl", "", Number.NaN, "must be a whole number from 1 to 86400"],
    ["CHAT_TOKEN_TTL", "tokenTtl", "1e3", true, "must be a whole number from 1 to 86400"],
    ["CHAT_LIVE_SECONDS", "liveSeconds", "781", 781, "must be a whole number from 1 to 780"],
    ["CHAT_ROOM_MAX", "roomMax", "1", 1, "must be a whole number from 2 to 10000"],
    ["CHAT_IDLE_AFTER", "idleAfter", "-1", -1, "must be a whole number from 0 to 86400"],
    ["CHAT_JWT_SECRET", "jwtSecret", "short", "short", "must have at least 32 bytes"],
    ["CHAT_JWKS_URL", "jwksUrl", "keys", "keys", "must be a URL"],
    ["CHAT_JWKS_URL", "jwksUrl", "file:///keys", "file:///keys", "must start with http or https"],
    ["CHAT_JWT_ISSUER", "jwtIssuer", " ", "", "must not be empty"],
    ["CHAT_GUESTS", "guests", "yes", 1, "must be 0 or 1"],
    [
      "CHAT_ORIGINS",
      "origins",
      "example.org",
      ["example.org"],
      "must list origins such as https://example.org or https://*.example.org",
    ],
    [
      "CHAT_ORIGINS",
      "origins",
      "https://a/b",
      ["https://a/"],
      "must list origins such as https://example.org or https://*.example.org",
    ],
    ["CHAT_PREFIX", "prefix", "a b", "a b", "must be up to 32 of A-Z a-z 0-9 : _ -"],
    ["CHAT_SESSION_COOKIE", "sessionCookie", "a=b", "", "must be a cookie name"],
    ["CHAT_BASE_PATH", "basePath", "/", "/a/", "must be a path such as /nereid-chat, without a slash at its end"],
    ["CHAT_LOG", "log", "debug", "debug", "must be silent, error or info"],
  ])("is named with its source: %s, %s: %j, %j", (variable, option, text, value, message) => {
    expect(refusal({}, { [variable]: text })).toBe(`Cannot read the environment: ${variable} ${message}`);
    expect(refusal({ [option]: value })).toBe(`Cannot read the options: ${option} ${message}`);
  });

  test("is named by both its variables where it has two", () => {
    const wrong = { UPSTASH_REDIS_REST_URL: "redis://a.example", UPSTASH_REDIS_REST_TOKEN: "token" };
    expect(() => parseConfig({}, wrong)).toThrow(
      new ConfigError(
        "Cannot read the environment: UPSTASH_REDIS_REST_URL or KV_REST_API_URL must start with http or https",
      ),
    );
    expect(refusal({ redisToken: " " })).toBe("Cannot read the options: redisToken must not be empty");
  });

  test("is not replaced by a variable that is right", () => {
    expect(refusal({ tokenTtl: 0 }, { CHAT_TOKEN_TTL: "60" })).toMatch(/^Cannot read the options: tokenTtl /);
    expect(refusal({ tokenTtl: undefined }, { CHAT_TOKEN_TTL: "0" })).toMatch(
      /^Cannot read the environment: CHAT_TOKEN_TTL /,
    );
  });

  test("does no harm where an option wins", () => {
    expect(refusal({ tokenTtl: 60 }, { CHAT_TOKEN_TTL: "0" })).toBe("nothing");
  });

  test("is not quoted: it may be a secret", () => {
    expect(refusal({ jwtSecret: "hunter2" })).not.toContain("hunter2");
    expect(refusal({}, { CHAT_JWT_SECRET: "hunter2" })).not.toContain("hunter2");
  });
});

describe("an origin that no page has", () => {
  test.each([
    ..."example.org *.example.org //example.org null * https://* https://*.org https://*.*.example.org https://a.*.example.org".split(
      " ",
    ),
    ..."https://example.org/ https://example.org? https://example.org:* https://*.example.org:* https://*example.org".split(
      " ",
    ),
    ..."http://localhost:* http://*:3000 https://*.127.0.0.1 wss://example.org https://ann@example.org https://".split(
      " ",
    ),
    ..."https://.example.org https://a..example.org https://a.example;b.example https://a.example|b.example".split(" "),
    // A URL takes these for a star.
    ..."https://%2A.example.org https://%2a.org https://a.%2A.org https://＊.example.org https://﹡.org".split(" "),
  ])("is refused, and not taken without a word: %s", (origin) => {
    const message = "must list origins such as https://example.org or https://*.example.org";
    expect(refusal({}, { CHAT_ORIGINS: origin })).toBe(`Cannot read the environment: CHAT_ORIGINS ${message}`);
    expect(refusal({ origins: ["https://a.example", origin] })).toBe(`Cannot read the options: origins ${message}`);
  });

  test.each([
    ["http://LOCALHOST:3000", "http://localhost:3000"],
    ["http://[::1]:3000", "http://[::1]:3000"],
    ["http://127.0.0.1:80", "http://127.0.0.1"],
    ["https://a_b-c.example.", "https://a_b-c.example."],
    ["https://*.bücher.example:443", "https://*.xn--bcher-kva.example"],
    ["HTTPS://*.Example.org:8443", "https://*.example.org:8443"],
  ])("is not %s", (origin, written) => {
    expect(parseConfig({ origins: [origin] }, base).origins).toEqual(new Set([written]));
  });
});

describe("the options", () => {
  test.each(["tokenTTL", "redis", "CHAT_TOKEN_TTL", "", "constructor", "toString"])(
    "hold no setting that does not exist: %j",
    (name) => {
      expect(refusal({ [name]: undefined })).toBe(`Cannot read the options: ${name} is not a setting`);
    },
  );

  test.each([null, "ann", { id: "ann" }])("hold a function for the user, not %j", (user) => {
    expect(refusal({ user })).toBe("Cannot read the options: user must be a function");
  });
});

describe("what is missing", () => {
  test("of Redis is named: both variables, and the option", () => {
    const { redisUrl, redisToken } = redis;
    const advice =
      ". On Vercel, connect Upstash for Redis in the Storage tab of the project; elsewhere, create a database at https://console.upstash.com and copy its REST URL and token";
    expect(() => parseConfig({ redisToken }, {})).toThrow(
      new ConfigError(
        `Cannot reach Redis: UPSTASH_REDIS_REST_URL (or KV_REST_API_URL), or the option redisUrl, is missing${advice}`,
      ),
    );
    expect(() => parseConfig({ redisUrl }, {})).toThrow(
      new ConfigError(
        `Cannot reach Redis: UPSTASH_REDIS_REST_TOKEN (or KV_REST_API_TOKEN), or the option redisToken, is missing${advice}`,
      ),
    );
  });

  test("for guests is a secret, wherever either is set, where sessions are verified in another way", () => {
    const missing =
      "Cannot admit guests, whose sessions are signed: CHAT_JWT_SECRET, or the option jwtSecret, is missing";
    const jwks = { CHAT_JWKS_URL: "https://keys.example" };
    expect(refusal({ guests: true }, jwks)).toBe(missing);
    expect(refusal({}, { CHAT_GUESTS: "1", ...jwks })).toBe(missing);
    expect(refusal({ guests: true, user: () => undefined })).toBe(missing);
    expect(refusal({ guests: true })).toBe("nothing");
    expect(refusal({ guests: true }, { CHAT_JWT_SECRET: SECRET })).toBe("nothing");
    expect(refusal({ guests: false }, { CHAT_GUESTS: "1" })).toBe("nothing");
  });
});

test("options and environment are left as they were, frozen ones too", () => {
  const options = Object.freeze({ ...redis, origins: Object.freeze(["https://A.example"]) });
  const environment = Object.freeze({ ...base, CHAT_TOKEN_TTL: " 60 " });
  expect(parseConfig(options, environment)).toEqual(parseConfig({ ...options }, { ...environment }));
  expect(options.origins).toEqual(["https://A.example"]);
  expect(environment.CHAT_TOKEN_TTL).toBe(" 60 ");
});

test("a bucket of which something is missing is refused by the name of that", () => {
  const bucket = {
    s3Endpoint: "https://s3.example/",
    s3Bucket: "files",
    s3AccessKeyId: "id",
    s3SecretAccessKey: "secret",
  };
  const { storage } = parseConfig({ ...redis, ...bucket, filesFolder: "/a" }, {}).files;
  const key = { accessKeyId: "id", secretAccessKey: "secret" };
  expect(storage).toEqual({ endpoint: "https://s3.example", bucket: "files", region: "auto", ...key, once: false });
  for (const name of Object.keys(bucket)) expect(refusal({ ...bucket, [name]: undefined })).toContain(name);
});

test.each([
  ["https://s3.eu-central-1.amazonaws.com", undefined, true],
  ["https://a1.r2.cloudflarestorage.com", undefined, true],
  ["https://s3.us-west-004.backblazeb2.com", undefined, false],
  ["https://amazonaws.com.example", undefined, false],
  ["https://minio.example", "1", true],
  ["https://s3.eu-central-1.amazonaws.com", "0", false],
])("the bucket at %s, with CHAT_S3_WRITE_ONCE=%s, writes once: %s", (s3Endpoint, given, once) => {
  const bucket = { s3Endpoint, s3Bucket: "files", s3AccessKeyId: "id", s3SecretAccessKey: "secret" };
  const environment = given === undefined ? {} : { CHAT_S3_WRITE_ONCE: given };
  expect(parseConfig({ ...redis, ...bucket }, environment).files.storage).toMatchObject({ once });
});

describe("a store of Vercel Blob", () => {
  const token = BLOB_TOKEN;
  const storageOf = (environment: Record<string, string>) => parseConfig(redis, environment).files.storage;
  const ofToken = { blobStore: "aB1", token };

  test("keeps files by what the platform sets for the project, a token before an id", () => {
    expect(storageOf({ BLOB_READ_WRITE_TOKEN: token })).toEqual(ofToken);
    expect(storageOf({ BLOB_READ_WRITE_TOKEN: token, BLOB_STORE_ID: "store_other" })).toEqual(ofToken);
    expect(storageOf({ BLOB_STORE_ID: "store_aB1" })).toEqual({ blobStore: "aB1", token: undefined });
    expect(storageOf({ BLOB_STORE_ID: "aB1" })).toEqual({ blobStore: "aB1", token: undefined });
  });

  test("comes after a bucket and a folder, which are set for the chat", () => {
    const blob = { BLOB_READ_WRITE_TOKEN: token };
    expect(storageOf({ ...blob, CHAT_FILES_FOLDER: "/a" })).toEqual({ folder: "/a" });
    const key = { CHAT_S3_ACCESS_KEY_ID: "id", CHAT_S3_SECRET_ACCESS_KEY: "secret" };
    const bucket = { CHAT_S3_ENDPOINT: "https://s3.example", CHAT_S3_BUCKET: "files", ...key };
    expect(storageOf({ ...blob, ...bucket, CHAT_FILES_FOLDER: "/a" })).toMatchObject({ bucket: "files" });
  });

  test("can be another one than that of the project, or none", () => {
    const project = { BLOB_READ_WRITE_TOKEN: "vercel_blob_rw_public_secret", BLOB_STORE_ID: "store_public" };
    expect(storageOf({ ...project, CHAT_BLOB_READ_WRITE_TOKEN: token })).toEqual(ofToken);
    expect(storageOf({ ...project, CHAT_BLOB_READ_WRITE_TOKEN: "" })).toBeUndefined();
    expect(refusal({}, { CHAT_BLOB_READ_WRITE_TOKEN: "secret" })).toContain(
      "CHAT_BLOB_READ_WRITE_TOKEN or BLOB_READ_WRITE_TOKEN must be vercel_blob_rw_…, or empty for none",
    );
    expect(refusal({}, { BLOB_STORE_ID: "a/b" })).toContain("BLOB_STORE_ID must be the id of a store");
  });
});
