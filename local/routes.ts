import * as v from "valibot";

/** Finds the destination of a path, or nothing: the rewrites of a `vercel.json`, the first that fits. */
export type Routes = (path: string) => string | undefined;

/** Reads the rewrites of a `vercel.json`. Throws when it holds something else, or a pattern not spoken here. */
export function parseRoutes(json: string): Routes {
  const { rewrites } = v.parse(Configuration, JSON.parse(json));
  const table = rewrites.map(({ source, destination }) => ({ pattern: parsePattern(source), destination }));
  return (path) => table.find(({ pattern }) => pattern.test(path))?.destination;
}

/** Finds the headers that a `vercel.json` adds to what is served at a path. */
export type PathHeaders = (path: string) => Record<string, string>;

/** Reads the headers of a `vercel.json`. Throws as `parseRoutes` does. */
export function parseHeaders(json: string): PathHeaders {
  const { headers } = v.parse(Configuration, JSON.parse(json));
  const table = headers.map(({ source, headers }) => ({ pattern: parsePattern(source), headers }));
  return (path) => {
    const all = table.flatMap(({ pattern, headers }) => (pattern.test(path) ? headers : []));
    return Object.fromEntries(all.map(({ key, value }) => [key, value]));
  };
}

const Configuration = v.object({
  headers: v.optional(
    v.array(v.object({ source: v.string(), headers: v.array(v.object({ key: v.string(), value: v.string() })) })),
    [],
  ),
  rewrites: v.optional(v.array(v.object({ source: v.string(), destination: v.string() })), []),
});

// The part of Vercel's patterns that is used here: `/text`, `:name`, `:name*` with the slash before it, and `(.*)`.
const TOKEN = /\/:\w+\*|:\w+|\(\.\*\)|[\w/.~-]+/y;

function parsePattern(source: string): RegExp {
  let pattern = "";
  TOKEN.lastIndex = 0;
  for (let at = 0; at < source.length; at = TOKEN.lastIndex) {
    const token = nextToken(source, at);
    if (token === "(.*)") pattern += ".*";
    else if (token.startsWith("/:")) pattern += "(?:/[^/]+)*";
    else if (token.startsWith(":")) pattern += "[^/]+";
    else pattern += token.replaceAll(".", "\\.");
  }
  return new RegExp(`^${pattern}$`);
}

function nextToken(source: string, at: number): string {
  TOKEN.lastIndex = at;
  const [token] = TOKEN.exec(source) ?? [];
  if (token === undefined) throw new Error(`Cannot read the rewrite ${source}: unknown syntax at ${source.slice(at)}`);
  if (token.length > 1 && token.endsWith("/") && source.startsWith(":", at + token.length)) {
    // The slash belongs to a `/:name*` that follows.
    TOKEN.lastIndex--;
    return token.slice(0, -1);
  }
  return token;
}
