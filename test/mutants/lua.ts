import type { Edit } from "./edit.js";
import type { Naming } from "./naming.js";

/** A word, number, string or sign of a Lua script. Two tokens of one `text` are the same, however they are spelled. */
export type Token = { text: string; start: number; end: number; name: boolean };

const TOKEN =
  /(?<space>\s+|--\[\[[\s\S]*?\]\]|--[^\n]*|;)|(?<hole>\$\{[^}]*\})|(?<word>[A-Za-z_]\w*)|\d+(?:\.\d+)?|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\.{2,3}|[=~<>]=|[\s\S]/gu;

/** Reads the tokens of a script, also of one that is in the middle of another; `${…}` stands for anything. */
export function tokenize(lua: string): Token[] {
  const tokens: Token[] = [];
  const brackets: string[] = [];
  for (const { 0: text, index: start, groups } of lua.matchAll(TOKEN)) {
    if (groups?.space !== undefined) continue;
    const before = tokens.at(-1)?.text ?? "";
    if ("({[".includes(text)) brackets.push(text);
    if (")}]".includes(text)) brackets.pop();
    // The key of a table is a name that its readers know.
    if (text === "=" && brackets.at(-1) === "{") for (const key of tokens.slice(-1)) key.name = false;
    const name = groups?.word !== undefined && !RESERVED.has(text) && before !== "." && before !== ":";
    tokens.push({ text: spelled(text, groups?.hole !== undefined), start, end: start + text.length, name });
  }
  return tokens;
}

/** Spells a script as a template literal holds it. */
export function inLiteral(script: string): string {
  return script.replace(/[\\`]/g, "\\$&");
}

/** Makes the edits that give the names in a script others. */
export function renames(tokens: readonly Token[], rename: (name: string) => string): Edit[] {
  return tokens.filter((it) => it.name).map(({ text, start, end }) => ({ start, end, text: rename(text) }));
}

function spelled(text: string, hole: boolean): string {
  if (hole) return "$";
  return text.length > 1 && /^["']/.test(text) ? `'${text.slice(1, -1)}'` : text;
}

/** Every run of tokens that says the same as a pattern. */
export function* runs(
  tokens: readonly Token[],
  pattern: readonly Token[],
  naming: () => Naming,
): Generator<{ run: Token[]; names: Naming }> {
  for (let i = 0; i + pattern.length <= tokens.length; i++) {
    const names = naming();
    const run = tokens.slice(i, i + pattern.length);
    if (run.every((it, j) => same(pattern[j], it, names))) yield { run, names };
  }
}

function same(pattern: Token | undefined, found: Token, names: Naming): boolean {
  if (pattern?.name !== found.name) return false;
  if (found.name) return names.fits(pattern.text, found.text);
  if (/^['\d]/.test(found.text)) names.anchors++;
  return pattern.text === found.text;
}

/** The names that a script declares. */
export function declared(tokens: readonly Token[]): Set<string> {
  const names = new Set<string>();
  for (const [i, { text }] of tokens.entries()) {
    if (!["local", "for", "function"].includes(text)) continue;
    for (const it of tokens.slice(i + 1)) {
      if (it.name) names.add(it.text);
      else if (!(it.text === "," || (text === "function" && it.text === "("))) break;
    }
  }
  return names;
}

const KEYWORDS =
  "and break do else elseif end false for function if in local nil not or repeat return then true until while";
const RESERVED = new Set(KEYWORDS.split(" "));
const GIVEN = new Set(
  "ARGV KEYS cjson error ipairs math next pairs redis select string table tonumber tostring type unpack".split(" "),
);

/** Tells whether a name is there for every script. */
export function isGiven(name: string): boolean {
  return GIVEN.has(name);
}
