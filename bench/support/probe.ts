import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { compose } from "../../lib/chat.js";
import { parseConfig } from "../../lib/config.js";
import { readClock } from "../../lib/log/clock.js";
import { Tail } from "../../lib/log/tail.js";
import type { Sample } from "./sample.js";

// Loaded into the server under measurement (`node --expose-gc --import probe.js server.js`), whose modules it shares. Asked by a
// message, it answers what the process holds once its garbage is gone, and how far its tail is behind the clock.

const MIB = 2 ** 20;
// The wire may trail the clock by a moment; what has not come after this long is behind.
const CATCH_UP_MS = 500;

process.on("message", () => {
  void sample().then((taken) => process.send?.(taken));
});

async function sample(): Promise<Sample> {
  const behind = await drift();
  // The second collection takes what the first has only let go of.
  for (let i = 0; i < 2; i++) globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    ...{ rss: rss / MIB, heap: heapUsed / MIB, buffers: external / MIB, cpu: (user + system) / 1e6 },
    descriptors: readdirSync("/proc/self/fd").length,
    timers: process.getActiveResourcesInfo().filter((it) => it === "Timeout").length,
    ...(behind === undefined ? {} : { drift: behind }),
  };
}

// The chat of the server cannot be reached from outside, but its tail is met when it opens. The clock is read by a chat of the probe's own,
// on the store that the environment names; that chat opens no tail.
let tail: Tail | undefined;
const { open } = Tail.prototype;
Tail.prototype.open = function (this: Tail) {
  tail = this;
  open.call(this);
};
const log = compose(parseConfig({ log: "silent" }, process.env));

async function drift(): Promise<number | undefined> {
  try {
    const { n, epoch } = await readClock(log);
    for (const end = Date.now() + CATCH_UP_MS; (tail?.memory?.to ?? 0) < n && Date.now() < end; ) await sleep(20);
    const memory = tail?.memory;
    return memory?.epoch === epoch ? Math.max(0, n - memory.to) : undefined;
  } catch {
    return undefined;
  }
}
