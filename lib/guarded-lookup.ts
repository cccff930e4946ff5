import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { isReachable, type Reachable } from "./config-hooks.js";

/** Creates the lookup of a connection: it resolves a name when the connection is made, so that a name cannot be checked and then lead elsewhere. */
export function guardedLookup(reachable: Reachable): LookupFunction {
  return (name, options, done) => {
    lookup(name, { ...options, all: true }, (error, addresses) => {
      const first = addresses?.[0];
      if (error || first === undefined) return done(error ?? new Error("The name has no address"), "", 0);
      if (!addresses.every(({ address }) => isReachable(address, reachable)))
        return done(new Error("The name leads to a private address"), "", 0);
      return options.all ? done(null, addresses) : done(null, first.address, first.family);
    });
  };
}
