import { createECDH } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../lib/config.js";

const redis = { redisUrl: "https://redis.example", redisToken: "token" };

function pair() {
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(Buffer.alloc(32, 7));
  return { pushPublicKey: curve.getPublicKey("base64url"), pushPrivateKey: curve.getPrivateKey("base64url") };
}

describe("the keys of pushes", () => {
  test("are given as a pair", () => {
    const { pushPublicKey: publicKey, pushPrivateKey: privateKey } = pair();
    expect(parseConfig({ ...redis, ...pair() }, {}).push?.keys).toEqual({ publicKey, privateKey });
    const environment = { CHAT_PUSH_PUBLIC_KEY: publicKey, CHAT_PUSH_PRIVATE_KEY: privateKey };
    expect(parseConfig(redis, environment).push?.keys).toEqual({ publicKey, privateKey });
  });

  test("are refused one without the other", () => {
    const { pushPublicKey, pushPrivateKey } = pair();
    expect(() => parseConfig({ ...redis, pushPublicKey }, {})).toThrow("CHAT_PUSH_PRIVATE_KEY");
    expect(() => parseConfig({ ...redis, pushPrivateKey }, {})).toThrow("CHAT_PUSH_PUBLIC_KEY");
  });

  test("are refused when they are of two pairs", () => {
    const pushPrivateKey = Buffer.alloc(32, 8).toString("base64url");
    expect(() => parseConfig({ ...redis, ...pair(), pushPrivateKey }, {})).toThrow("are not of one pair");
    const none = Buffer.alloc(32, 255).toString("base64url");
    expect(() => parseConfig({ ...redis, ...pair(), pushPrivateKey: none }, {})).toThrow("are not of one pair");
  });
});

describe("the subject of pushes", () => {
  test("is the deployment on Vercel, unless another is given", () => {
    const environment = { VERCEL_PROJECT_PRODUCTION_URL: "chat.example.org" };
    expect(parseConfig(redis, environment).push?.subject).toBe("https://chat.example.org");
    const pushSubject = "mailto:ops@example.org";
    expect(parseConfig({ ...redis, pushSubject }, environment).push?.subject).toBe(pushSubject);
  });

  test.each(["ops@example.org", "http://example.org", "mailto:"])("is no other than mailto and https: %s", (it) => {
    expect(() => parseConfig({ ...redis, pushSubject: it }, {})).toThrow("must be a mailto: or https: URL");
  });
});

test("the permission for webhooks to private addresses opens none to pushes, whose endpoints users name", () => {
  expect(parseConfig({ ...redis, webhookPrivate: true }, {}).push?.reachable).toBe("public");
});
