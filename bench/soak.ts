import { parseArgs } from "node:util";
import { type Count, Crowd } from "./support/crowd.js";
import type { Sample } from "./support/sample.js";
import { describeMachine, PROBE, type Site, site } from "./support/site.js";
import { grows, trend } from "./support/trend.js";

// Some hundred people for half an hour on one server: what it holds must not grow. Ends with 1 if it surely does.

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    users: { type: "string", default: "500" },
    rate: { type: "string", default: "2" },
  },
});
const [minutes, users, rate] = [Number(values.minutes), Number(values.users), Number(values.rate)];

const HOUR = 3_600_000;
const EVERY_MS = 10_000;
// Tokens last so long, and until the first of them have ended more and more are known.
const TOKEN_S = 120;
// Until then caches fill and code is compiled; at most a third of the time.
const WARM_UP_MS = Math.min(5 * 60_000, minutes * 20_000);
// The newest events that an instance keeps; a few more fill it.
const EVENTS = 4_500;

/** What is watched, and how much more of it an hour is noise: 4 MiB an hour would be 100 MiB a day. */
const WATCHED = [
  ["rss", "RSS, MiB", 24],
  ["heap", "heap, MiB", 4],
  ["buffers", "buffers, MiB", 4],
  ["descriptors", "descriptors", 24],
  ["timers", "timers", 24],
  ["drift", "events behind", 2],
] as const;

type Taken = Sample & { at: number };

const server = await site({ CHAT_TOKEN_TTL: `${TOKEN_S}`, CHAT_LIVE_SECONDS: "60" }, PROBE);
const crowd = new Crowd(server.url, users);
try {
  console.log(`${describeMachine()}; ${users} people, ${rate} messages a second, ${minutes} minutes`);
  await crowd.begin();
  await crowd.fill(EVENTS);
  void crowd.talk(rate);
  const taken = await watch(server, crowd.count);
  if (!judge(taken, crowd.count)) process.exitCode = 1;
} finally {
  crowd.end();
  await server.stop();
}

async function watch(site: Site, count: Count): Promise<Taken[]> {
  const taken: Taken[] = [];
  const began = Date.now();
  for (let next = began; next <= began + minutes * 60_000; next += EVERY_MS) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - Date.now())));
    // A machine that is busy with something else may be late for one.
    const sampled = await site.sample().catch(() => undefined);
    if (sampled === undefined) continue;
    taken.push({ ...sampled, at: Date.now() });
    if (taken.length % 6 === 1) report(taken, count);
  }
  return taken;
}

function report(taken: readonly Taken[], { wrong, ...count }: Count): void {
  const [first, last] = [taken[0], taken.at(-1)];
  if (first === undefined || last === undefined) return;
  const measured = WATCHED.map(([name, title]) => `${title} ${last[name]?.toFixed(name === "heap" ? 1 : 0) ?? "?"}`);
  const done = Object.entries(count).map(([name, n]) => `${name} ${n}`);
  const busy = (last.cpu - first.cpu) / Math.max(1, (last.at - first.at) / 1_000);
  const minute = Math.round((last.at - first.at) / 60_000);
  console.log(
    `${minute} min: ${[...measured, `cpu ${Math.round(busy * 100)} %`, ...done, `wrong ${wrong.length}`].join(", ")}`,
  );
}

/** Writes the table of trends, and tells whether all is flat and nothing was lost. */
function judge(taken: readonly Taken[], { wrong, failed }: Count): boolean {
  const [first] = taken;
  const settled = taken.filter(({ at }) => at - (first?.at ?? 0) >= WARM_UP_MS);
  console.log("\n| | mean | growth an hour (95 %) | allowed | |\n|---|---|---|---|---|");
  const flat = WATCHED.map(([name, title, allowed]) => {
    const line = trend(
      settled.flatMap(({ at, [name]: value }) => (value === undefined ? [] : [{ at: at / HOUR, value }])),
    );
    const verdict = grows(line, allowed) ? "grows" : "flat";
    console.log(
      `| ${title} | ${line.mean.toFixed(1)} | ${line.slope.toFixed(2)} ± ${line.margin.toFixed(2)} | ${allowed} | ${verdict} |`,
    );
    return verdict === "flat";
  });
  const unsure = settled.filter((it) => it.drift === undefined).length;
  console.log(
    `\nWithout a tail in ${unsure} of ${settled.length} samples; ${failed} requests failed; wrong: ${wrong.length}`,
  );
  for (const it of wrong.slice(0, 10)) console.log(`  ${it}`);
  return flat.every((it) => it) && wrong.length === 0;
}
