import { parseArgs } from "node:util";
import type { Tally } from "./hostile.js";
import { judge } from "./judge.js";
import { rations } from "./ration.js";
import { run } from "./run.js";

// The program behind `npm run abuse`.

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seconds: { type: "string" },
    addresses: { type: "string", default: "3" },
    users: { type: "string", default: "50" },
    guests: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    rations: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
  },
});

const HOUR = 3_600;

if (values.rations) await measure();
else await fight();
process.exit();

async function measure(): Promise<void> {
  console.log("| one guest, alone | commands an hour | MiB an hour |\n|---|---|---|");
  for await (const { name, commands, bytes } of rations(Number(values.seed)))
    console.log(`| ${name} | ${Math.round(commands * HOUR)} | ${((bytes * HOUR) / 2 ** 20).toFixed(1)} |`);
}

async function fight(): Promise<void> {
  const plan = {
    ...{ seed: Number(values.seed), seconds: Number(values.seconds ?? (values.short ? 8 : 120)) },
    ...{ users: Number(values.users), addresses: Number(values.addresses) },
    ...{ guests: Number(values.guests), only: values.only },
    ...(values.short ? { warmUp: 2, calm: 5 } : { warmUp: 10, calm: 30 }),
  };
  const result = await run(plan);
  const { calm, hostile, tally } = result;
  console.log("| attack | answers |\n|---|---|");
  for (const [name, counts] of Object.entries(tally).sort()) {
    const answers = Object.entries(counts).map(([status, n]) => `${n} × ${status}`);
    console.log(`| ${name} | ${answers.join(", ")} |`);
  }
  console.log(
    `\n${plan.users} honest users sent ${calm.seen.sent} messages in ${calm.seconds.toFixed(0)} s, then ${hostile.seen.sent} in ${hostile.seconds.toFixed(0)} s; at most ${plan.guests} hostile guests of ${plan.addresses} addresses asked ${total(tally)} times.\n`,
  );
  console.log("| | measured | allowed | |\n|---|---|---|---|");
  const verdicts = judge(result, !values.short);
  for (const { what, measured, allowed, holds } of verdicts)
    console.log(`| ${what} | ${measured} | ${allowed} | ${holds ? "holds" : "BROKEN"} |`);
  if (verdicts.some(({ holds }) => !holds)) {
    console.log(
      `\nAgain: npm run abuse -- --seed ${plan.seed} --seconds ${plan.seconds} --addresses ${plan.addresses} --guests ${plan.guests}`,
    );
    process.exitCode = 1;
  }
}

function total(all: Tally): number {
  return Object.values(all)
    .flatMap((it) => Object.values(it))
    .reduce((sum, n) => sum + n, 0);
}
