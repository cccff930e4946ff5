import type { Log } from "./log.js";
import type { Tail } from "./tail.js";

/** A running instance of a chat: the log, and the instance's tail of it. */
export type Instance = Log & { readonly tail: Tail };
