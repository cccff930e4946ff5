import type { AnyNode, VariableDeclarator } from "acorn";
import { childrenOf, nodesOf, rootOf, type Source } from "./source.js";

// What can be made while a module is imported, and holds nothing that changes.
const STATELESS: ReadonlySet<string> = new Set(["TextEncoder", "TextDecoder", "URL", "RegExp"]);
const READABLE: ReadonlySet<string> = new Set(["Map", "Set"]);
const TIMERS: ReadonlySet<string> = new Set(["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch"]);
const MUTATORS = /^(set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill)$/;

/** Lists what a module keeps, starts or hooks by being imported, and where its functions change what it, or another module, holds. */
export function stateOf(source: Source): string[] {
  const atImport = nodesOf(source.program, runsAtImport);
  const constants = new Map<AnyNode, VariableDeclarator>();
  for (const it of atImport) if (it.type === "VariableDeclarator" && it.init) constants.set(it.init, it);
  const held = new Set([...atImport.flatMap(declaredBy), ...nodesOf(source.program).flatMap(importedNames)]);
  return [
    ...atImport.flatMap((it) => keptBy(it, (node) => isReadonly(source, constants.get(node)))),
    ...nodesOf(source.program).flatMap((it) => changedBy(it, held)),
  ];
}

/** Finds where a module reads `process.env`, or gets hold of `process` as a whole. */
export function environmentReads({ program }: Source): AnyNode[] {
  const nodes = nodesOf(program);
  const objects = new Set<AnyNode>(nodes.flatMap((it) => (it.type === "MemberExpression" ? [it.object] : [])));
  return nodes.filter((it) => {
    if (it.type === "MemberExpression") return nameOf(it.object) === "process" && nameOf(it.property) === "env";
    if (it.type === "Identifier") return it.name === "process" && !objects.has(it);
    return it.type === "ImportDeclaration" && /^(node:)?process$/.test(`${it.source.value}`);
  });
}

/** Whether what is inside of a node runs while the module is imported: the body of a function does not, unless it is called there. */
function runsAtImport(node: AnyNode): boolean {
  if (node.type === "FunctionDeclaration" || node.type === "FunctionExpression") return false;
  if (node.type === "PropertyDefinition") return node.static;
  return node.type !== "ArrowFunctionExpression";
}

/** Describes what one node keeps or starts at import. */
function keptBy(node: AnyNode, isReadonly: (node: AnyNode) => boolean): string[] {
  if (node.type === "VariableDeclaration" && node.kind !== "const") return node.declarations.map(describeVariable);
  if (node.type === "NewExpression") {
    const name = rootOf(node.callee) ?? "an object";
    const harmless = STATELESS.has(name) || (READABLE.has(name) && isReadonly(node));
    return harmless ? [] : [`new ${name}`];
  }
  if (node.type === "CallExpression") {
    if (isFunction(node.callee)) return ["a function that is called at once"];
    const name = rootOf(node.callee) ?? "";
    return TIMERS.has(name) || name === "process" ? [`a call of ${name}`] : [];
  }
  return node.type === "AwaitExpression" ? ["await"] : [];
}

/** Describes how one node changes what a module holds, or hooks into the process. */
function changedBy(node: AnyNode, held: ReadonlySet<string>): string[] {
  if (node.type === "AssignmentExpression" && node.left.type === "MemberExpression") return changes(node.left, held);
  if (node.type === "UpdateExpression" && node.argument.type === "MemberExpression")
    return changes(node.argument, held);
  if (node.type === "UnaryExpression" && node.operator === "delete") return changes(node.argument, held);
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return [];
  const { object, property } = node.callee;
  const [name, method] = [rootOf(object) ?? "", property.type === "Identifier" ? property.name : ""];
  if (name === "process" && /^(on|once|addListener|prependListener)$/.test(method)) return [`process.${method}`];
  const [first] = node.arguments;
  if (name === "Object" && /^(assign|defineProperty|setPrototypeOf)$/.test(method) && first)
    return changes(first, held);
  return MUTATORS.test(method) && object.type === "Identifier" ? changes(object, held) : [];
}

function changes(target: AnyNode, held: ReadonlySet<string>): string[] {
  const name = rootOf(target);
  return name !== undefined && (held.has(name) || name === "globalThis") ? [`a change of ${name}`] : [];
}

/** The names that a module declares for itself. */
function declaredBy(node: AnyNode): string[] {
  if (node.type === "VariableDeclaration") return node.declarations.map(({ id }) => rootOf(id) ?? "");
  return node.type === "FunctionDeclaration" || node.type === "ClassDeclaration" ? [node.id?.name ?? ""] : [];
}

/** The names that a module imports one by one; of a namespace, a function is called like a method. */
function importedNames(node: AnyNode): string[] {
  return node.type === "ImportSpecifier" || node.type === "ImportDefaultSpecifier" ? [node.local.name] : [];
}

function isReadonly(source: Source, declared: VariableDeclarator | undefined): boolean {
  const name = declared && rootOf(declared.id);
  const type = name && new RegExp(`\\bconst\\s+${name}\\s*:\\s*(\\w+)`).exec(source.code)?.[1];
  return type === "ReadonlyMap" || type === "ReadonlySet";
}

/** The last name of an expression: `c` for `a.b.c` and for `"c"`. */
function nameOf(node: AnyNode): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type === "Literal") return `${node.value}`;
  return node.type === "MemberExpression" ? nameOf(node.property) : undefined;
}

function isFunction({ type }: AnyNode): boolean {
  return type === "FunctionExpression" || type === "ArrowFunctionExpression";
}

function describeVariable({ id }: VariableDeclarator): string {
  return `let ${childrenOf(id).length === 0 ? rootOf(id) : "of several"}`;
}
