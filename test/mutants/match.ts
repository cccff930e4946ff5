import type { Naming } from "./naming.js";
import { childrenOf, isName, isNode, keysOf, type Node, nameOf, propertyName } from "./syntax.js";

/** Tells whether a part of a module says the same as a pattern, with the names that `naming` lets pass. */
export function matches(pattern: unknown, found: unknown, naming: Naming): boolean {
  if (Array.isArray(pattern)) {
    if (!Array.isArray(found) || pattern.length !== found.length) return false;
    return pattern.every((it, i) => matches(it, found[i], naming));
  }
  const [left, right] = [untyped(pattern), untyped(found)];
  if (!isNode(left)) return left === right || JSON.stringify(left) === JSON.stringify(right);
  if (!isNode(right)) return false;
  if (left.type === "AssignmentExpression" && right.type === "VariableDeclarator" && left.operator === "=")
    return matches([left.left, left.right], [right.id, right.init], naming);
  const text = textOf(left);
  if (text !== undefined && (left.type === "TemplateElement") === (right.type === "TemplateElement")) {
    naming.anchors++;
    return text === textOf(right);
  }
  if (left.type !== right.type) return false;
  if (isName(left)) return naming.fits(nameOf(left), nameOf(right));
  if (left.type === "Literal") naming.anchors++;
  return keysOf(left).every((key) => matchesAt(key, left, right, naming));
}

function matchesAt(key: string, pattern: Node, found: Node, naming: Naming): boolean {
  const property = propertyName(pattern, key);
  if (property === undefined && propertyName(found, key) === undefined)
    return matches(unwrapped(pattern[key], key), unwrapped(found[key], key), naming);
  naming.anchors++;
  return property === propertyName(found, key);
}

/** What is left of a value when it is taken for no other type. */
function untyped(value: unknown): unknown {
  return isNode(value) && /^TS(As|Satisfies|NonNull)Expression$/.test(value.type) ? untyped(value.expression) : value;
}

/** The text that a node stands for, in whatever quotes. */
function textOf(node: Node): string | undefined {
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  if (node.type === "TemplateElement") return cooked(node.value);
  const [only, ...rest] = node.type === "TemplateLiteral" ? childrenOf(node, "quasis") : [];
  return only === undefined || rest.length > 0 ? undefined : cooked(only.value);
}

function cooked(value: unknown): string | undefined {
  const is = typeof value === "object" && value !== null && "cooked" in value && typeof value.cooked === "string";
  return is ? `${value.cooked}` : undefined;
}

// One statement may stand in braces or without.
const BODIES: ReadonlySet<string> = new Set(["consequent", "alternate", "body"]);

function unwrapped(value: unknown, key: string): unknown {
  if (!BODIES.has(key) || !isNode(value) || value.type !== "BlockStatement") return value;
  const [only, ...rest] = childrenOf(value, "body");
  return only === undefined || rest.length > 0 ? value : only;
}
