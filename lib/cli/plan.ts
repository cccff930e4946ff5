import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import type { Project } from "./project.js";
import { nextjs } from "./templates/nextjs.js";
import { plain } from "./templates/plain.js";
import { express, hono } from "./templates/server.js";
import { sveltekit } from "./templates/sveltekit.js";
import type { Template } from "./templates/template.js";

/** A file to write; `before` is what stands there now, if it differs. */
export type Change = { path: string; text: string; before: string | undefined };

/** What a project lacks of the chat, what stands in its place, and the steps that are left then. */
export type Plan = { changes: readonly Change[]; notes: readonly string[]; steps: readonly string[] };

/** Plans what to write into a folder. Files that are there already, and are the same, are left out. */
export function planChat(folder: string, project: Project): Plan {
  const { files, steps } = TEMPLATES[project.framework](project);
  const twins = files.flatMap(({ path }) => twinsOf(folder, path).map((twin) => ({ path, twin })));
  const changes = files.flatMap(({ path, text }): Change[] => {
    if (twins.some((it) => it.path === path)) return [];
    const place = join(folder, path);
    const before = existsSync(place) ? readFileSync(place, "utf8") : undefined;
    return before === text ? [] : [{ path, text, before }];
  });
  const notes = twins.map(({ path, twin }) => `Left ${twin} as it is, which stands where ${path} would`);
  return { changes, notes, steps: [...(project.hasPackage ? [] : [installs(project)]), ...steps] };
}

/** Shows a change as a diff would: what is common at the beginning and at the end is left out. */
export function formatChange({ path, text, before }: Change): string {
  const [old, now] = [lines(before ?? ""), lines(text)];
  const longest = Math.min(old.length, now.length);
  let head = 0;
  while (head < longest && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < longest - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const removed = old.slice(head, old.length - tail).map((it) => `- ${it}\n`);
  const added = now.slice(head, now.length - tail).map((it) => `+ ${it}\n`);
  return `\n${path} (${before === undefined ? "new" : `exists, differs from line ${head + 1}`})\n${[...removed, ...added].join("")}`;
}

const TEMPLATES: Readonly<Record<Project["framework"], (project: Project) => Template>> = {
  nextjs,
  sveltekit,
  hono,
  express,
  plain,
};

// Files of one name in two of these are the same module, route or page.
const CODE = [".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs"];

/** Finds what stands beside a file that is not there, under its name and in the other language. */
function twinsOf(folder: string, path: string): string[] {
  const extension = extname(path);
  if (!CODE.includes(extension) || existsSync(join(folder, path))) return [];
  const twins = CODE.map((it) => `${path.slice(0, -extension.length)}${it}`);
  return twins.filter((it) => existsSync(join(folder, it)));
}

function installs({ packageManager }: Project): string {
  return `Run \`${packageManager} ${packageManager === "npm" ? "install" : "add"} nereid-chat\``;
}

function lines(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
