import { type Mutant, mutantsOf } from "../mutant.js";

/** Mutants of section 11: pushes to users without an open page. */
export const PUSHES: readonly Mutant[] = [
  ...mutantsOf("push/pushes", "§11", {
    "nothing rings in a muted thread": [
      "push/recipients",
      "role === null || isBanned || muted !== null",
      "role === null || isBanned",
    ],
    "nobody rings for who is banned": [
      "push/recipients",
      "role === null || isBanned || muted !== null",
      "role === null || muted !== null",
    ],
    "nobody rings for who blocks them": ["push/recipients", "blocks.has(by)", "false"],
    "what was read does not ring": [
      "push/recipients",
      "message.retracted !== undefined || (read ?? 0) >= message.seq",
      "message.retracted !== undefined",
    ],
    "in rooms mentions ring": ["push/recipients", 'kind === "direct" ? "all" : "mentions"', '"all"'],
    "what rang is taken back when it is retracted": ["chat/edit", "ring(id, 'x', seq)", ""],
    "what rang is taken back when it is read": ["chat/read-receipt", "ring(id, 'r', who)", ""],
    "what rang is taken back when its sender is erased": [
      "privacy/own-messages",
      "ring(place, 'x', table.concat(gone, ' '))",
      "",
    ],
    "what rang is taken back when its thread is deleted": ["chat/thread-deletion", "takeBack(thread, id, one.who)", ""],
    "what rang is taken back from who leaves": ["chat/thread-admin", "takeBack(thread, id, one.who)", ""],
    "what rang is taken back from who blocks its sender": ["chat/block", "ring('-', 'b', who .. ' ' .. whom)", ""],
    "what rang of others stays": ["push/blocked", "blocked.has(encode(sender.id))", "true"],
    "a device that is gone is forgotten": ["push/deliveries", "status === 404 || status === 410", "status === 404"],
    "a user gets at most 30 a minute": ["push/claim", "const PER_MINUTE = 30", "const PER_MINUTE = 31"],
  }),
  ...mutantsOf("push/devices", "§11", {
    "a user has at most 10 devices": ["push/devices", "const DEVICES_MAX = 10", "const DEVICES_MAX = 11"],
    "an endpoint is at the usual port": [
      "push/subscription",
      'if (port !== "") throw invalid("endpoint", "must not have a port of its own");',
      "",
    ],
  }),
];
