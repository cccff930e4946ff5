import { expect, test } from "vitest";
import { address } from "../../lib/http/address.js";

const from = (ip?: string) =>
  address(new Request("http://chat.test/", ip === undefined ? {} : { headers: { "x-real-ip": ip } }));

test.each([
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:1:2::", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["2001:0db8:0000:0000:ffff::", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
])("%s counts as its network", (ip, network) => {
  expect(from(ip)).toBe(network);
});

test("an IPv4 address counts by itself, also in the form of IPv6", () => {
  expect(from("192.0.2.1")).toBe("192.0.2.1");
  expect(from("::ffff:192.0.2.1")).not.toBe(from("::ffff:192.0.2.2"));
});

test("a request without an address, or with one that is none, has a limit all the same", () => {
  expect([from(), from(" "), from("a:b"), from("unknown")]).toEqual(["unknown", "unknown", "a:b", "unknown"]);
});
