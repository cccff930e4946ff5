import { isIPv6 } from "node:net";

/** What counts as the address where the platform reports none: of every request. */
export const UNKNOWN_ADDRESS = "unknown";

/**
 * Returns what counts as the address of a request, as the platform reports it: of an IPv6 address the network of 64 bits, because each
 * subscriber has all the addresses in one (RFC 6177), and could use a limit with each.
 */
export function address(request: Request): string {
  const given = request.headers.get("x-real-ip")?.trim() || UNKNOWN_ADDRESS;
  const [withoutZone = ""] = given.split("%");
  return isIPv6(withoutZone) ? network(withoutZone) : given;
}

/** An IPv4 address in the form of IPv6 (RFC 4291 §2.5.5.2), which servers report that listen to both. */
const MAPPED = /^::ffff:[^:]+:[^:]+$/;

function network(address: string): string {
  // A URL writes an address in one way (RFC 5952).
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1);
  if (MAPPED.test(written)) return written;
  const [before = [], after = []] = written.split("::").map((it) => it.split(":").filter(Boolean));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return `${[...before, ...zeros, ...after].slice(0, 4).join(":")}::/64`;
}
