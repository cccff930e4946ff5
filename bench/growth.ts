import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { row } from "./growth/curve.js";
import { history } from "./growth/history.js";
import { instances } from "./growth/instances.js";
import { members } from "./growth/members.js";
import { polls } from "./growth/polls.js";
import { readers } from "./growth/readers.js";
import { threads } from "./growth/threads.js";
import { describeMachine } from "./support/site.js";

// The program behind `npm run bench:growth`: what grows with what, and how fast. The name of a curve as argument measures it alone.

const CURVES = { members, threads, history, instances, polls, readers };

// Each in a process of its own, since the chat reads its environment once.
const program = fileURLToPath(import.meta.url);
const [name] = process.argv.slice(2);
const measure = Object.entries(CURVES).find(([it]) => it === name)?.[1];
if (measure === undefined) {
  console.log(`${describeMachine()}\n\n| | | exponent |\n|---|---|---|`);
  for (const each of Object.keys(CURVES))
    await once(spawn(process.execPath, [program, each], { stdio: "inherit" }), "exit");
} else {
  for (const curve of await measure()) console.log(row(curve));
  process.exit(0);
}
