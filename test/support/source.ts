import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AnyNode, type Program, parse as parseProgram } from "acorn";
import { transformSync } from "rolldown/utils";

/** A TypeScript file of this project. Paths are relative to the project, with slashes. */
export type Source = {
  path: string;
  /** The file's name without its extension. */
  name: string;
  /** The text without comments. */
  code: string;
  lines: number;
  /** Every import: a file of this project by its path, any other as it stands. */
  imports: string[];
  /** The imports that are left when the types are stripped. */
  valueImports: string[];
  /** What is exported, but for types. */
  exports: string[];
  program: Program;
};

const project = fileURLToPath(new URL("../../", import.meta.url));

/** Reads and parses the TypeScript files of a folder. */
export function readSources(folder: string): Source[] {
  return readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    .sort()
    .map((file) => parse(`${folder}/${file}`, readFileSync(join(project, folder, file), "utf8")));
}

/** Parses a TypeScript file. */
export function parse(path: string, text: string): Source {
  const code = text.replace(/^\s*(\/\*\*[\s\S]*?\*\/|\/\/.*)$/gm, "");
  const program = parseProgram(stripTypes(path, text), { ecmaVersion: "latest", sourceType: "module" });
  const local = (specifiers: string[]) => specifiers.map((it) => resolve(path, it));
  return {
    path,
    name: basename(path, ".ts"),
    code,
    lines: text.split("\n").length - 1,
    imports: local([...code.matchAll(IMPORT)].flatMap((match) => match.slice(1).filter((it) => it !== undefined))),
    valueImports: local(nodesOf(program).flatMap(importedBy)),
    exports: program.body.flatMap(exportedBy),
    program,
  };
}

/** Lists a node and all nodes inside of it; `enter` tells which of them to look into. */
export function nodesOf(node: AnyNode | undefined, enter: (node: AnyNode) => boolean = () => true): AnyNode[] {
  const found: AnyNode[] = [];
  const walk = (it: AnyNode) => {
    found.push(it);
    if (enter(it)) childrenOf(it).forEach(walk);
  };
  if (node !== undefined) walk(node);
  return found;
}

/** Lists the nodes directly inside of a node. */
export function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node).flat().filter(isNode);
}

/** Names what a pattern binds, or what an expression begins with: `a` for `a.b[c].d`. */
export function rootOf(node: AnyNode): string | undefined {
  if (node.type === "Identifier") return node.name;
  return node.type === "MemberExpression" ? rootOf(node.object) : undefined;
}

// Types are imported, too, and the parser does not see those.
const IMPORT =
  /^(?:import|export)\b[^;"']*?\bfrom ["']([^"']+)["']|^import ["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;

function stripTypes(path: string, text: string): string {
  const { code, errors } = transformSync(path, text, { target: "esnext", typescript: { onlyRemoveTypeImports: true } });
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]?.message}`);
  return code;
}

function resolve(from: string, specifier: string): string {
  return specifier.startsWith(".") ? join(dirname(from), specifier).replace(/\.js$/, ".ts") : specifier;
}

function importedBy(node: AnyNode): string[] {
  const isImport = node.type === "ImportDeclaration" || node.type === "ImportExpression";
  const isExport = node.type === "ExportNamedDeclaration" || node.type === "ExportAllDeclaration";
  if (!(isImport || isExport) || node.source?.type !== "Literal") return [];
  return typeof node.source.value === "string" ? [node.source.value] : [];
}

function exportedBy(node: AnyNode): string[] {
  if (node.type === "ExportDefaultDeclaration") return ["default"];
  if (node.type === "ExportAllDeclaration") return ["*"];
  if (node.type !== "ExportNamedDeclaration") return [];
  const { declaration, specifiers } = node;
  const named = specifiers.map(({ exported }) => ("name" in exported ? exported.name : `${exported.value}`));
  if (declaration?.type === "VariableDeclaration") return [...named, ...declaration.declarations.flatMap(boundBy)];
  return declaration?.id ? [...named, declaration.id.name] : named;
}

function boundBy({ id }: { id: AnyNode }): string[] {
  return nodesOf(id).flatMap((it) => (it.type === "Identifier" ? [it.name] : []));
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
