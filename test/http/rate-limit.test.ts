import { expect, test } from "vitest";
import { RateLimits } from "../../lib/http/rate-limit.js";

const rates = { send: 10, token: 10, guest: 60, stream: 2, reach: 1_000 };
const limited = expect.objectContaining({ code: "rate_limited" });

test("of a guest's stream requests counts what they weigh beyond one", async () => {
  const limits = new RateLimits(rates);
  const follow = (weight: number) => limits.consumeAsGuest("stream", "guest,1", "192.0.2.1", weight);
  for (let i = 0; i < 100; i++) await follow(1);
  for (let i = 0; i < 3; i++) await follow(5);
  await expect(follow(5)).rejects.toThrow(limited);
  await follow(1);
});

test("a guest's request counts at most one burst, for the guest and for the address", async () => {
  const limits = new RateLimits({ ...rates, guest: 20 });
  const write = (who: string, weight: number) => limits.consumeAsGuest("send", who, "192.0.2.1", weight);
  for (let i = 1; i <= 7; i++) await write(`guest,${i}`, 1_000);
  await write("guest,8", 50);
  await expect(write("guest,9", 1)).rejects.toThrow(limited);
});

test("guests of whom no address is known share none", async () => {
  const limits = new RateLimits({ ...rates, guest: 1 });
  for (let i = 0; i < 20; i++) await limits.consumeAsGuest("read", `guest,${i}`, "unknown", 5);
});
