import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Dice, type Known } from "../test/fuzz/dice.js";
import { liar } from "../test/fuzz/liar.js";
import { STORE_SECRET } from "../test/fuzz/lie.js";
import { nonsense, sense } from "../test/fuzz/nonsense.js";
import { acquaint, volley } from "../test/fuzz/volley.js";
import { outsider, somebody } from "../test/support/outsider.js";
import { type Site, site } from "../test/support/site.js";
import { describeMachine, PROBE, startStore, takeSample } from "./support/site.js";
import { grows, trend } from "./support/trend.js";

// A long run of what test/whole/fuzz.test.ts does for seconds: nonsense for a server whose store is sound, and for one whose store
// lies. No answer says that the server failed, none takes over two seconds, and what the server holds does not grow with the inputs.

const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "100000" },
    seed: { type: "string", default: `${Date.now() % 2 ** 31}` },
  },
});
const [inputs, seed] = [Number(values.inputs), Number(values.seed)];

const PATIENCE_MS = 2_000;
const ROUNDS = 40;
// Caches fill and code is compiled meanwhile.
const WARM_UP = 0.25;
const EVENTS = 4_500;
// MiB more for 100,000 inputs. People are remembered for two minutes, which most runs do not outlast: a leak is what 100 bytes an
// input are.
const ALLOWED = 10;

console.log(`${describeMachine()}; ${inputs} inputs, --seed ${seed}`);
const store = await startStore();
const between = await liar(store.url);
const sound = await site(store, {}, PROBE);
const lied = await site({ url: between.url, token: store.token }, { CHAT_PREFIX: "lied:" }, PROBE);
try {
  const half = Math.ceil(inputs / 2);
  const flat = [
    await run("sound store", sound, half, (it) => it < 500),
    await run("lying store", lied, half, (it) => it < 500 || it === 503),
  ];
  if (flat.includes(false)) process.exitCode = 1;
} finally {
  await Promise.all([sound.stop(), lied.stop()]);
  between.stop();
  await store.stop();
}

async function run(name: string, server: Site, count: number, statuses: (it: number) => boolean): Promise<boolean> {
  const seen = new Map<number, number>();
  const held: { at: number; value: number }[] = [];
  const attempt = (dice: Dice) => (server === lied && !dice.once(4) ? sense(dice) : nonsense(dice));
  const terms = { attempt, statuses, patienceMs: PATIENCE_MS, secret: STORE_SECRET };
  let [slowest, late] = [0, 0];
  await fill(server);
  for (let round = 0; round < ROUNDS; round++) {
    const dice = new Dice(seed + round, await acquainted(server));
    if (server === lied) between.lie(dice, 3);
    const outcome = await volley(server.url, dice, Math.ceil(count / ROUNDS), terms);
    between.lie(dice, 0);
    late += outcome.late;
    slowest = Math.max(slowest, outcome.slowestMs);
    for (const [status, n] of outcome.seen) seen.set(status, (seen.get(status) ?? 0) + n);
    held.push({ at: (round * count) / ROUNDS / 100_000, value: (await takeSample(server.child)).heap });
  }
  const line = trend(held.slice(ROUNDS * WARM_UP));
  const flat = !grows(line, ALLOWED);
  const counts = [...seen].sort(([a], [b]) => a - b).map(([status, n]) => `${status}: ${n}`);
  console.log(`${name}: ${counts.join(", ")}; the slowest took ${Math.round(slowest)} ms, ${late} were late`);
  const growth = `${line.slope.toFixed(2)} ± ${line.margin.toFixed(2)} MiB for 100,000 inputs`;
  console.log(`  heap ${line.mean.toFixed(1)} MiB, growth ${growth}: ${flat ? "flat" : "grows"}`);
  return flat;
}

/** Makes two people who have talked; after lies that may take a moment. */
async function acquainted(server: Site): Promise<Known> {
  for (const end = Date.now() + 10_000; ; ) {
    try {
      return await acquaint(server);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await sleep(100);
  }
}

/** Sends more than an instance keeps of what is newest, so that it is full. */
async function fill(server: Site): Promise<void> {
  const ann = await outsider(server, somebody("ann"));
  const { thread } = await ann.say({ thread: randomUUID(), to: [somebody("ben")] });
  await ann.poll("?wait=0");
  const message = { thread, text: "Something to be kept for a while, as long as most of what comes. ".repeat(10) };
  for (let i = 0; i < EVENTS / 20; i++) {
    await ann.send({ stanzas: Array.from({ length: 20 }, () => ({ type: "message", message })) });
  }
}
