/**
 * Finds the first part of a JSON value that must not be stored: nesting deeper than 8 levels, a key that reaches a prototype, or a lone
 * surrogate, which has no UTF-8. Works without recursion, so that no input overflows the stack.
 */
export function misshapen(value: unknown): { path: string; message: string } | undefined {
  const rest: { value: unknown; depth: number; path: string }[] = [{ value, depth: 0, path: "" }];
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    const { value, depth, path } = node;
    if (typeof value === "string" && LONE_SURROGATE.test(value))
      return { path, message: "must be well-formed Unicode" };
    if (typeof value !== "object" || value === null) continue;
    if (depth === DEPTH_MAX) return { path, message: `must not be more than ${DEPTH_MAX} levels deep` };
    for (const [key, child] of Object.entries(value)) {
      if (LONE_SURROGATE.test(key)) return { path, message: "must have well-formed Unicode keys" };
      const below = path === "" ? key : `${path}.${key}`;
      if (FORBIDDEN_KEYS.has(key)) return { path: below, message: "must not be used as a key" };
      rest.push({ value: child, depth: depth + 1, path: below });
    }
  }
  return undefined;
}

/** How deep objects and arrays may be nested; a scalar alone has depth 0, `{"a": {"b": 1}}` has depth 2. */
const DEPTH_MAX = 8;
// Keys that reach a prototype.
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const LONE_SURROGATE = /\p{Surrogate}/u;
