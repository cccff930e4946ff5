import { readFile, writeFile } from "node:fs/promises";
import { BEGIN, END, tables } from "./cost/tables.js";

// The program behind `npm run bench:prices`: writes into docs/cost.md what a month costs, by what the tests have counted and the benchmarks
// have measured (bench/cost/month.ts), and by list prices (bench/cost/price-list.ts). The page at /cost computes the same.

const DOCUMENT = new URL("../../docs/cost.md", import.meta.url);

const text = await readFile(DOCUMENT, "utf8");
const written = tables();
const [before = "", rest = ""] = text.split(BEGIN);
await writeFile(DOCUMENT, `${before}${BEGIN}${written}${END}${rest.slice(rest.indexOf(END) + END.length)}`);
console.log(written);
