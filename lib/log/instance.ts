import type { Log } from "./log.js";
import type { Tail } from "./tail.js";

/** A running instance of a chat: the log, and the tail of it that this instance remembers. */
export type Instance = Log & { readonly tail: Tail };
