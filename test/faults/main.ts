import { parseArgs } from "node:util";
import { describeHooks, runHooks } from "./hooks.js";
import { checkPlanted } from "./planted.js";
import { run } from "./run.js";
import { firstOfEach, tellStory } from "./story.js";
import { table } from "./table.js";

// The program behind `npm run faults`.

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seconds: { type: "string", default: "150" },
    runs: { type: "string", default: "1" },
    servers: { type: "string", default: "3" },
    other: { type: "string" },
    short: { type: "boolean", default: false },
    planted: { type: "boolean", default: false },
    hooks: { type: "boolean", default: false },
    messages: { type: "string", default: "10000" },
  },
});
const STORIES = 3;

const plan = {
  ...{ seconds: Number(values.seconds), servers: Number(values.servers), users: values.short ? 6 : 12 },
  ...{ pauseMs: 250, builds: values.other === undefined ? ["."] : [".", values.other] },
  ...{ patient: !values.short, hasty: false },
};

if (values.hooks) {
  const { seed, servers } = values;
  const result = await runHooks({ seed: Number(seed), servers: Number(servers), messages: Number(values.messages) });
  console.log(describeHooks(result));
  process.exitCode = result.breaches.length > 0 ? 1 : 0;
} else if (values.planted) process.exitCode = await checkPlanted(plan, values.short);
else
  for (let i = 0; i < Number(values.runs); i++) {
    const result = await run({ ...plan, seed: Number(values.seed) + i });
    console.log(table(result));
    for (const violation of firstOfEach(result.violations).slice(0, STORIES))
      console.log(`\n${tellStory(violation, result.history, result.begin)}`);
    if (result.violations.length > 0) {
      console.log(
        `\nThe whole history is in ${result.folder}. Again: npm run faults -- --seed ${result.seed} --seconds ${plan.seconds}`,
      );
      process.exitCode = 1;
    }
  }
process.exit();
