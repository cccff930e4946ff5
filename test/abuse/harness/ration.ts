import { setTimeout as sleep } from "node:timers/promises";
import { Chance } from "../../faults/chance.js";
import { arena } from "./arena.js";
import { Hostile } from "./hostile.js";

/** What one guest makes the store do by one use of their rations, each second. */
export type Use = { name: string; commands: number; bytes: number };

// The burst is over, and what was allowed for five seconds at once is used up.
const BURST_MS = 6_000;
const MEASURED_MS = 8_000;

// Each uses up one ration, of those of writes, streams and reads. What is written needs a room.
const USES: Record<string, string> = {
  "make rooms": "^make a room$",
  "make rooms, and write messages of 16 KiB": "^(make a room|write much)$",
  "make rooms, and write messages of 4 KiB": "^(make a room|write 4 KiB)$",
  "make rooms, and rename them": "^(make a room|rename)$",
  "make rooms, write messages, and edit them": "^(make a room|write much|edit)$",
  "follow from unknown cursors": "cursor",
  "hold polls and leave them": "poll|live",
  "list threads": "^list threads",
  "read history": "^read history$",
  "make rooms, and search them": "^(make a room|search)$",
  "make rooms, and change presence": "^(make a room|presence in all rooms)$",
  "read receipts, states and reports": "^(read receipt|chat state|report)$",
  "list friends and blocks": "^list (friends|blocks)$",
};

/** Measures each use by a guest who is alone on a server of their own store. */
export async function* rations(seed: number): AsyncGenerator<Use> {
  for (const [name, only] of Object.entries(USES)) {
    const place = await arena();
    try {
      const over = AbortSignal.timeout(BURST_MS + MEASURED_MS);
      const aims = { desks: ["desk"], others: ["other"], rooms: ["room"] };
      const guest = new Hostile(place.url, "127.0.0.2", aims, { only, guests: 1 }, new Chance(seed), over);
      const raging = guest.rage();
      await sleep(BURST_MS);
      const before = await place.usage();
      await raging;
      const after = await place.usage();
      const seconds = (after.at - before.at) / 1_000;
      const [commands, bytes] = [after.commands - before.commands, after.bytes - before.bytes];
      yield { name, commands: commands / seconds, bytes: bytes / seconds };
    } finally {
      await place.stop();
    }
  }
}
