import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Plan, run } from "./run.js";
import { tellStory } from "./story.js";

type Edit = { file: string; search: string; replace: string };
type Bug = { name: string; edits: Edit[] };

/** Bugs that would each break a promise, as edits of the compiled code. */
const BUGS: Bug[] = [
  {
    name: "a tail that ignores a hole",
    edits: [{ file: "log/event-window.js", search: "if (event.n > this.#to + 1)", replace: "if (event.n === -1)" }],
  },
  {
    name: "a post that publishes before it appends",
    edits: [
      {
        file: "chat/message.js",
        search: "local at = append(KEYS[3], it[2], it[5] == 'direct' and 'direct' or 'post', ARGV[5], ARGV[6], ",
        replace: "local at = text(pass(it[5] == 'direct' and 'direct' or 'post', ARGV[5], ARGV[6], ",
      },
      { file: "chat/message.js", search: "message .. '}')\nredis", replace: "message .. '}'))\nredis" },
      {
        file: "chat/message.js",
        search: "return {'ok', seq}",
        replace: "return {'ok', seq, at, it[2], message, it[5]}",
      },
      {
        file: "chat/message.js",
        search: 'v.tuple([v.literal("ok"), log.Count])',
        replace: 'v.tupleWithRest([v.literal("ok"), log.Count], v.any())',
      },
      {
        file: "chat/message.js",
        search: 'if (reply[0] === "ok")',
        replace: `if (reply[0] === "ok") {
            const [, , at, tip, message, kind] = reply;
            await log.write(
              "redis.call('XADD', KEYS[2], ARGV[5] .. '-0', 'p', ARGV[6], 'k', ARGV[7], 'b', ARGV[8], 'e', ARGV[9]) return 1",
              v.any(), now, [keys.events(id)],
              [at, tip, kind === "direct" ? "direct" : "post", by, '{"type":"message","message":' + message + "}"]);
        }
        if (reply[0] === "ok")`,
      },
    ],
  },
  {
    name: "a dedupe left out",
    edits: [{ file: "chat/message.js", search: "if it[4] then return {'known', it[4]} end", replace: "" }],
  },
  {
    name: "a membership that is remembered after it ended",
    edits: [
      {
        file: "log/tail-memory.js",
        search: "this.#audience.change(entity,",
        replace: 'if (event.kind === "join") this.#audience.change(entity,',
      },
    ],
  },
  {
    name: "a cursor that skips one",
    edits: [
      {
        file: "stream/answer.js",
        search: "more && last ? last.n : found.to",
        replace: "more && last ? last.n + 1 : found.to",
      },
    ],
  },
];

const SECONDS = 120;

/** Runs the harness on builds that have a bug each; answers how many it did not find. */
export async function checkPlanted(plan: Omit<Plan, "seed">): Promise<number> {
  let missed = 0;
  for (const [i, bug] of BUGS.entries()) {
    const build = await plant(bug);
    const result = await run({ ...plan, seed: i + 1, seconds: SECONDS, builds: [build], patient: false, hasty: true });
    const [first] = result.violations;
    if (first === undefined) missed++;
    const found = first === undefined ? "NOT FOUND" : `found after ${Math.round((first.at - result.begin) / 1_000)} s`;
    console.log(`${bug.name}: ${found}`);
    if (first !== undefined) console.log(`${tellStory(first, result.history, result.begin)}\n`);
    await rm(result.folder, { recursive: true, force: true });
    await rm(build, { recursive: true, force: true });
  }
  return missed;
}

/** Copies the build and puts a bug into it. Throws when the code is no longer what the bug was made for. */
async function plant({ name, edits }: Bug): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "chat-planted-"));
  for (const part of ["dist", "public", "package.json", "vercel.json"])
    await cp(part, join(folder, part), { recursive: true });
  await symlink(resolve("node_modules"), join(folder, "node_modules"));
  for (const { file, search, replace } of edits) {
    const path = join(folder, "dist/lib", file);
    const code = await readFile(path, "utf8");
    if (code.split(search).length !== 2) throw new Error(`Cannot plant ${name}: ${file} no longer has ${search}`);
    await writeFile(
      path,
      code.replace(search, () => replace),
    );
  }
  return folder;
}
