import type { Entry } from "../view/entry.js";

/** A dialog that is open, and what it is about: a thread, a message, the invite with a code, or a place in the window. */
export type Opened =
  | { name: "start" }
  | { name: "join"; code: string }
  | { name: "details"; thread: string }
  | { name: "menu"; thread: string; x: number; y: number }
  | { name: "forward" | "info"; entry: Entry };
