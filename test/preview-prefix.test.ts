import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../lib/config.js";
import { Settings } from "../lib/config-schema.js";
import { defaultPrefix } from "../lib/preview-prefix.js";

const store = { UPSTASH_REDIS_REST_URL: "https://r.example", UPSTASH_REDIS_REST_TOKEN: "r" };
const preview = (branch: string | undefined) => defaultPrefix({ VERCEL_ENV: "preview", VERCEL_GIT_COMMIT_REF: branch });

describe("the prefix of a deployment that was given none", () => {
  test.each([
    [{}, "chat:"],
    [{ VERCEL_ENV: "" }, "chat:"],
    [{ VERCEL_ENV: "production", VERCEL_GIT_COMMIT_REF: "main" }, "chat:"],
    [{ VERCEL_ENV: "preview", VERCEL_GIT_COMMIT_REF: "main" }, "preview:main-0d6e40:"],
    [{ VERCEL_ENV: "preview", VERCEL_GIT_COMMIT_REF: "" }, "preview:"],
    [{ VERCEL_ENV: "preview" }, "preview:"],
    [{ VERCEL_ENV: "development" }, "development:"],
  ])("is by %j %j", (environment, prefix) => {
    expect(defaultPrefix(environment)).toBe(prefix);
    expect(parseConfig({}, { ...store, ...environment }).prefix).toBe(prefix);
  });

  test("is of each branch alone, and never production's", () => {
    const branches = [
      "feature/emoji",
      "feature-emoji",
      "Feature/emoji",
      "feature/emoji-picker",
      "feature/emoji-panel",
      "chat",
      ":",
      "öl",
    ];
    const prefixes = branches.map(preview);
    expect(new Set(prefixes).size).toBe(branches.length);
    for (const prefix of prefixes) expect(prefix).toMatch(/^preview:/);
  });

  test.each(["main", "a".repeat(300), "dependabot/npm_and_yarn/@types/node-24.0.0", "日本語", "a b\nc"])(
    "can be a prefix, whatever the branch is called: %j",
    (branch) => {
      expect(v.is(Settings.entries.prefix, preview(branch))).toBe(true);
      expect(
        v.is(Settings.entries.prefix, defaultPrefix({ VERCEL_ENV: "x".repeat(99), VERCEL_GIT_COMMIT_REF: branch })),
      ).toBe(true);
    },
  );

  test("does not replace the one that was given", () => {
    const environment = { ...store, VERCEL_ENV: "preview", VERCEL_GIT_COMMIT_REF: "main" };
    expect(parseConfig({}, { ...environment, CHAT_PREFIX: "mine:" }).prefix).toBe("mine:");
    expect(parseConfig({}, { ...environment, CHAT_PREFIX: "" }).prefix).toBe("");
    expect(parseConfig({ prefix: "chat:" }, environment).prefix).toBe("chat:");
  });
});
