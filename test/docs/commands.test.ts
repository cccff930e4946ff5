import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { run } from "../../lib/cli/command.js";
import manifest from "../../package.json" with { type: "json" };
import { blocksOf, type Page, readPages } from "./markdown.js";

// What the pages tell people to type: in blocks of shell, and between backticks.

const pages = readPages();

/** The commands of a page that belong to this project, each without its comment. */
function commandsOf(page: Page): string[] {
  const lines = blocksOf(page).flatMap(({ language, code }) => (language === "sh" ? code.split("\n") : []));
  const inline = [...page.text.replace(/^( *)```[\s\S]*?^\1```$/gm, "").matchAll(/`([^`\n]+)`/g)].map(
    ([, it = ""]) => it,
  );
  return [...lines, ...inline].map((it) => it.replace(/\s#.*$/, "").trim()).filter((it) => OURS.test(it));
}

// `npm run dev` is the application's.
const OURS = /^(?:[A-Z_]+=\S+ )*(npm (run (?!dev\b)|start|test)|npx nereid-chat|node \S+\.(js|ts)|npx vitest run)\b/;

/** Returns why a command would fail: `undefined` for one that exists. */
async function mistakeIn(command: string): Promise<string | undefined> {
  const words = command
    .replace(/^(?:[A-Z_]+=\S+ )+/, "")
    .split(/\s+/)
    .map((word) => word.replace(/^['"](.*)['"]$/, "$1"));
  if (words[0] === "npm") {
    const script = words[1] === "run" ? words.filter((it) => it !== "--silent")[2] : words[1];
    const missing = script === undefined || !Object.hasOwn(manifest.scripts, script);
    if (script === "example" && words[3] !== undefined && !/^</.test(words[3]) && !existsSync(`examples/${words[3]}`))
      return `no example ${words[3]}`;
    return missing ? `no script ${script}` : undefined;
  }
  if (words[1] === "nereid-chat") return await refusal(words.slice(2).filter((it) => !/^[<[]/.test(it)));
  const file = words.find((word) => /^[\w./-]+\.(js|ts)$/.test(word));
  return file === undefined || existsSync(file) || file.startsWith("dist/") ? undefined : `no file ${file}`;
}

/** What the program says of arguments that it does not understand. What it would look at and write is not there. */
async function refusal(args: string[]): Promise<string | undefined> {
  let noted = "";
  const code = await run(args[0] === undefined ? ["--help"] : args, {
    folder: "/nowhere",
    environment: {},
    fetch: () => Promise.reject(new TypeError("fetch failed")),
    now: Date.now,
    versions: { own: "0.0.0", node: "20.0.0" },
    write: () => {},
    note: (text) => {
      noted += text;
    },
    confirm: undefined,
  });
  const understood = code !== 2 || /^(There is no package\.json|Cannot read )/.test(noted.replace(/^Looking.*\n/, ""));
  return understood ? undefined : noted.split("\n")[0];
}

test("each command that a page names exists, with its options", async () => {
  const commands = pages.flatMap((page) => commandsOf(page).map((command) => ({ page, command })));
  expect(commands.length).toBeGreaterThan(60);
  const mistakes: string[] = [];
  for (const { page, command } of commands) {
    const mistake = await mistakeIn(command);
    if (mistake !== undefined) mistakes.push(`${page.path}: ${command}: ${mistake}`);
  }
  expect(mistakes).toEqual([]);
});

test.each([
  ["npm run no-such-script", "no script no-such-script"],
  ["npm run example no-such-example", "no example no-such-example"],
  ["npx nereid-chat doktor", "There is no command doktor"],
  ["npx nereid-chat doctor --no-such-option", "Unknown option '--no-such-option'"],
  ["npx vitest run test/no-such.test.ts", "no file test/no-such.test.ts"],
])("the mistake in %s would be found", async (command, says) => {
  expect(await mistakeIn(command)).toContain(says);
});
