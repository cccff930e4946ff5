import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Change, formatChange, planChat } from "./plan.js";
import type { Project } from "./project.js";

export type InitOptions = {
  folder: string;
  project: Project;
  /** Writes new files without asking; files that exist are never overwritten so. */
  yes: boolean;
  /** Writes nothing. */
  dryRun: boolean;
};

export type Conversation = {
  write(text: string): void;
  /** Asks a question that is answered by yes or no; undefined if nobody is there. */
  confirm: ((question: string) => Promise<boolean>) | undefined;
};

/**
 * Writes a chat into a project: shows the files, asks, writes them, and says what is left to do. Returns whether it was done, or there was
 * nothing to do; false also when a file cannot be written.
 */
export async function init(options: InitOptions, conversation: Conversation): Promise<boolean> {
  const { folder, project, dryRun } = options;
  const { changes, notes, steps } = planChat(folder, project);
  conversation.write(`${describe(project)}\n`);
  for (const change of changes) conversation.write(formatChange(change));
  for (const note of notes) conversation.write(`\n${note}\n`);
  if (changes.length + notes.length === 0) conversation.write("\nEvery file is there already.\n");
  const chosen = dryRun ? [] : await choose(changes, options, conversation);
  if (chosen === undefined) return false;
  for (const change of chosen) {
    try {
      put(folder, change);
    } catch (error) {
      conversation.write(`\nCannot write ${change.path}: ${error instanceof Error ? error.message : error}\n`);
      return false;
    }
    conversation.write(`Wrote ${change.path}\n`);
  }
  if (dryRun || chosen.length > 0 || changes.length === 0) conversation.write(formatSteps(steps));
  return dryRun || chosen.length === changes.length;
}

const NAMES: Readonly<Record<Project["framework"] | Project["session"], string>> = {
  nextjs: "Next.js (App Router)",
  sveltekit: "SvelteKit",
  hono: "Hono",
  express: "Express",
  plain: "no framework",
  authjs: "Auth.js",
  "next-auth": "NextAuth.js 4",
  clerk: "Clerk",
  "better-auth": "Better Auth",
  supabase: "Supabase",
  none: "no session library",
};

function describe({ framework, session, typescript, sessionModule }: Project): string {
  const where = sessionModule === undefined ? "" : ` (${sessionModule})`;
  return `Found ${NAMES[framework]} with ${NAMES[session]}${where}, in ${typescript ? "TypeScript" : "JavaScript"}`;
}

/** Asks what to write: once for the new files, and for each that exists. Undefined if nobody is there to ask. */
async function choose(
  changes: readonly Change[],
  { yes }: InitOptions,
  { write, confirm }: Conversation,
): Promise<readonly Change[] | undefined> {
  const fresh = changes.filter(({ before }) => before === undefined);
  const existing = changes.filter(({ before }) => before !== undefined);
  if (!yes && confirm === undefined && changes.length > 0) {
    write(
      "\nNobody is there to ask: run this again with --yes to write the new files, or --dry-run to see them only.\n",
    );
    return undefined;
  }
  const writesFresh = fresh.length > 0 && (yes || (await confirm?.(`\nWrite ${fresh.length} new files?`)) === true);
  const chosen = writesFresh ? fresh : [];
  for (const change of existing) {
    const overwrites = !yes && (await confirm?.(`Overwrite ${change.path}?`)) === true;
    if (overwrites) chosen.push(change);
    else write(`Left ${change.path} as it is\n`);
  }
  return chosen;
}

function put(folder: string, { path, text, before }: Change): void {
  const place = join(folder, path);
  mkdirSync(dirname(place), { recursive: true });
  // What has come there since it was looked at is not overwritten.
  writeFileSync(place, text, { flag: before === undefined ? "wx" : "w" });
}

function formatSteps(steps: readonly string[]): string {
  return `\nWhat is left to do:\n${steps.map((it, i) => `${i + 1}. ${it}\n`).join("")}\nIn production, the chat needs a Redis: docs/deploy.md says which variables; \`npx nereid-chat doctor\` checks them.\n`;
}
