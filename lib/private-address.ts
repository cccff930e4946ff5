import { BlockList, isIP } from "node:net";

const PRIVATE_V4 = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"],
  ...["192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"],
  ...["224.0.0.0/4", "240.0.0.0/4"],
];
// Addresses that lead to an IPv4 address (translated, NAT64, 6to4, Teredo) count as private: what they lead to is not known here. Of what is not below
// 2000::/3 nothing is given out for the public internet, so that those of a network's own, and those that are defined later, are covered.
const PRIVATE_V6 = [
  ...["::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/8", "200::/7", "400::/6", "800::/5"],
  ...["1000::/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "4000::/2", "8000::/1"],
];

/** Whether an IP address is none of the public internet (IANA's special-purpose registries, RFC 6890): requests of the server must not go there. */
export function isPrivate(address: string): boolean {
  const family = isIP(address);
  return family === 0 || special().check(address, family === 6 ? "ipv6" : "ipv4");
}

/** Whether an IP address is this machine. */
export function isLoopback(address: string): boolean {
  return /^(127\.|::1$|::ffff:(127\.|7f))/i.test(address);
}

/** Whether a name is one that only this machine or its network knows (RFC 6761, 6762, 8375), or has no domain. */
export function isPrivateName(host: string): boolean {
  return /^[^.]+\.?$|(^|\.)(localhost|local|internal|home\.arpa)\.?$/i.test(host);
}

function special(): BlockList {
  const list = new BlockList();
  for (const subnet of PRIVATE_V4) add(list, subnet, "ipv4");
  for (const subnet of PRIVATE_V6) add(list, subnet, "ipv6");
  return list;
}

function add(to: BlockList, subnet: string, family: "ipv4" | "ipv6"): void {
  const [network = "", bits] = subnet.split("/");
  to.addSubnet(network, Number(bits), family);
}
