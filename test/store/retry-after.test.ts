import { expect, test } from "vitest";
import { retryAfter as ofHeaders } from "../../lib/backend/retry-after.js";
import { retryAfter } from "../../lib/store/retry-after.js";

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toUTCString();

test.each([
  ["2", 2],
  ["0", 0],
  [inSeconds(-60), 0],
  ["soon", undefined],
  [undefined, undefined],
])("Retry-After: %s means %s seconds", (value, expected) => {
  const headers = { ...(value !== undefined && { "retry-after": value }) };
  expect(retryAfter({ headers })).toBe(expected);
  expect(ofHeaders(new Headers(headers))).toBe(expected && expected * 1_000);
});

test("Retry-After as a date is the time until then", () => {
  const headers = { "retry-after": inSeconds(30) };
  for (const seconds of [retryAfter({ headers }) ?? 0, (ofHeaders(new Headers(headers)) ?? 0) / 1_000]) {
    expect(seconds).toBeGreaterThan(25);
    expect(seconds).toBeLessThanOrEqual(30);
  }
});
