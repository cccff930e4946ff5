import { readdirSync, readFileSync } from "node:fs";

/** A page of the project's documentation, by its path in the project. */
export type Page = { path: string; text: string };

/** A fenced block of code: its language, its text, and where it begins. */
export type Block = { where: string; language: string; code: string };

/** Reads every page that people read: those at the root, and those of docs/ and bench/. */
export function readPages(): Page[] {
  const nested = ["docs", "bench"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
  );
  return [...readdirSync("."), ...nested]
    .filter((path) => path.endsWith(".md") || path === "llms.txt")
    .sort()
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

/** Returns the fenced blocks of a page. */
export function blocksOf({ path, text }: Page): Block[] {
  return [...text.matchAll(/^( *)```(\w+)\n([\s\S]*?)^\1```$/gm)].map(({ 2: language = "", 3: code = "", index }) => ({
    where: `${path}:${text.slice(0, index).split("\n").length}`,
    language,
    code,
  }));
}

/** Returns the targets of a page's links and pictures, outside of code. */
export function linksOf({ text }: Page): string[] {
  const prose = text.replace(/^( *)```[\s\S]*?^\1```$/gm, "").replace(/`[^`\n]+`/g, "code");
  return [...prose.matchAll(/\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)/g)].map(([, target = ""]) => target);
}

/** Returns the files of the project that a page names in code, such as `lib/chat/edit.ts`. */
export function filesOf({ text }: Page): string[] {
  const names = text.matchAll(/`((?:api|bench|docs|examples|lib|local|public|test)\/[\w./-]+)`/g);
  return [...names].map(([, file = ""]) => file);
}

/** Returns the anchors of a page: GitHub's form of its headings. */
export function anchorsOf({ text }: Page): string[] {
  const prose = text.replace(/^( *)```[\s\S]*?^\1```$/gm, "");
  return [...prose.matchAll(/^#+ +(.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-"),
  );
}
