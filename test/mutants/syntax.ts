import { parseSync } from "vite";
import type { Edit } from "./edit.js";

/** A node of a syntax tree (ESTree, with types). */
export type Node = { type: string; start: number; end: number; [key: string]: unknown };

/** A part of a module: neighbours in one list of its tree, such as statements, properties or arguments, or one expression. */
export type Fragment = { code: string; nodes: readonly Node[] };

/** Parses a module. Throws when it cannot be parsed. */
export function parse(code: string): Node {
  const { program, errors } = parseSync("module.ts", code, { preserveParens: false });
  const tree: unknown = program;
  if (errors.length > 0 || !isNode(tree)) throw new Error(`Cannot parse: ${errors[0]?.message}`);
  return tree;
}

// What makes a module of a part of one, and where the part is found in it.
const FORMS = [
  { before: "(", after: "\n)", path: ["body", "expression"] },
  { before: "({", after: "\n})", path: ["body", "expression", "properties"] },
  { before: "([", after: "\n])", path: ["body", "expression", "elements"] },
  { before: "async function* f() {", after: "\n}", path: ["body", "body", "body"] },
] as const;

/** Parses a part of a module: one or more expressions, properties, elements, or statements. Undefined when it is none of these. */
export function parseFragment(code: string): Fragment | undefined {
  for (const { before, after, path } of FORMS) {
    try {
      const text = `${before}${code}${after}`;
      const nodes = path.reduce((found, key) => found.flatMap((it) => childrenOf(it, key)), [parse(text)]);
      const [only] = nodes;
      return { code: text, nodes: only?.type === "SequenceExpression" ? childrenOf(only, "expressions") : nodes };
    } catch {
      // It may be of the next form.
    }
  }
  return undefined;
}

/** Every list of neighbours in a tree; one that stands alone is a list of one. */
export function lists(tree: Node): (readonly Node[])[] {
  const found: (readonly Node[])[] = [];
  const visit = (node: Node) => {
    for (const key of visitedKeys(node)) {
      const children = childrenOf(node, key);
      if (children.length > 0) found.push(children);
      for (const child of children) visit(child);
    }
  };
  visit(tree);
  return found;
}

/** Makes the edits that give the names in a tree others; those of properties stay. */
export function renames(tree: unknown, rename: (name: string) => string): Edit[] {
  if (Array.isArray(tree)) return tree.flatMap((it) => renames(it, rename));
  if (!isNode(tree)) return [];
  if (isName(tree)) {
    const name = nameOf(tree);
    return [{ start: tree.start, end: tree.start + name.length, text: rename(name) }];
  }
  return visitedKeys(tree)
    .filter((key) => propertyName(tree, key) === undefined)
    .flatMap((key) => renames(tree[key], rename))
    .map((edit) => (tree.shorthand === true && edit.start === tree.start ? spelledOut(tree, edit) : edit));
}

// A shorthand property keeps its name when its value gets another.
function spelledOut(property: Node, edit: Edit): Edit {
  return { ...edit, text: `${propertyName(property, "key")}: ${edit.text}` };
}

/** What a module calls what it imports and exports, and what others call it. */
export function* shared(nodes: readonly Node[]): Generator<{ local: string; name: string }> {
  for (const node of nodes) {
    if (node.type === "ImportSpecifier") yield { local: nameAt(node, "local"), name: nameAt(node, "imported") };
    if (node.type === "ExportSpecifier") yield { local: nameAt(node, "local"), name: nameAt(node, "exported") };
    if (node.type !== "ExportNamedDeclaration") continue;
    for (const declaration of childrenOf(node, "declaration"))
      for (const it of [declaration, ...childrenOf(declaration, "declarations")])
        for (const id of childrenOf(it, "id").filter(isName)) yield { local: nameOf(id), name: nameOf(id) };
  }
}

/** The texts of template literals, with the edits that blank what is put into them. */
export function* templates(nodes: readonly Node[]): Generator<{ start: number; end: number; holes: readonly Edit[] }> {
  for (const node of nodes) {
    if (node.type !== "TemplateLiteral") continue;
    const blank = ({ start, end }: Node) => ({ start, end, text: " ".repeat(end - start) });
    yield { start: node.start + 1, end: node.end - 1, holes: childrenOf(node, "expressions").map(blank) };
  }
}

// What says only where a node stands and how it is spelled, or of what type it is.
const SPELLING = "start end raw shorthand directive computed decorators readonly";
const TYPES = "typeAnnotation returnType typeParameters typeArguments";
const IGNORED: ReadonlySet<string> = new Set(`${SPELLING} ${TYPES}`.split(" "));
const DECLARES_TYPES = /^TS(TypeAlias|Interface)Declaration$/;

/** The names under which a node keeps what it says. */
export function keysOf(node: Node): string[] {
  return Object.keys(node).filter((key) => !IGNORED.has(key));
}

// The value of a shorthand property is its name, too.
function visitedKeys(node: Node): string[] {
  return keysOf(node).filter((key) => !(key === "key" && node.shorthand === true));
}

/** The nodes under one name of a node, types left out. */
export function childrenOf(node: Node, key: string): Node[] {
  const value = node[key];
  const nodes = (Array.isArray(value) ? value : [value]).filter(isNode);
  return nodes.filter((it) => !DECLARES_TYPES.test(it.type) && it.exportKind !== "type");
}

/** The name of a property that others know; undefined for anything else. */
export function propertyName(node: Node, key: string): unknown {
  const named = key === "key" || (key === "property" && node.type === "MemberExpression");
  const it = node[key];
  if (!named || node.computed === true || !isNode(it) || it.type === "PrivateIdentifier") return undefined;
  return it.name ?? it.value;
}

/** Whether a node is a name; a private one is its module's own, like a variable. */
export function isName({ type }: Node): boolean {
  return type === "Identifier" || type === "PrivateIdentifier";
}

function nameAt(node: Node, key: string): string {
  const [name] = childrenOf(node, key);
  return name === undefined ? "" : nameOf(name);
}

export function nameOf({ type, name }: Node): string {
  return type === "PrivateIdentifier" ? `#${name}` : `${name}`;
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
