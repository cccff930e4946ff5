import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "./project.js";
import { nextjs } from "./templates/nextjs.js";
import { plain } from "./templates/plain.js";
import { express, hono } from "./templates/server.js";
import { sveltekit } from "./templates/sveltekit.js";
import type { Template } from "./templates/template.js";

/** A file to write; `before` is what stands there now, if it differs. */
export type Change = { path: string; text: string; before: string | undefined };

/** What a project lacks of the chat, and the steps that are left then. */
export type Plan = { changes: readonly Change[]; steps: readonly string[] };

/** Plans what to write into a folder. Files that are there already, and are the same, are left out. */
export function planChat(folder: string, project: Project): Plan {
  const { files, steps } = TEMPLATES[project.framework](project);
  const changes = files.flatMap(({ path, text }): Change[] => {
    const place = join(folder, path);
    const before = existsSync(place) ? readFileSync(place, "utf8") : undefined;
    return before === text ? [] : [{ path, text, before }];
  });
  return { changes, steps: [...(project.hasPackage ? [] : [installs(project)]), ...steps] };
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

function installs({ packageManager }: Project): string {
  return `Run \`${packageManager} ${packageManager === "npm" ? "install" : "add"} nereid-chat\``;
}

function lines(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
