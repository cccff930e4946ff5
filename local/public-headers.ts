import * as v from "valibot";

/** Returns the headers that a `vercel.json` adds to responses at a path. */
export type PathHeaders = (path: string) => Record<string, string>;

/** Parses the headers of a `vercel.json`. Throws when the file is malformed, or has a pattern that is not supported here. */
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
});

// Supports only the pattern syntax that this project uses: text, `(.*)`, and `((?!a|b).*)` for what does not begin so.
const GROUP = /(\(\.\*\)|\(\(\?![\w/|-]+\)\.\*\))/;

function parsePattern(source: string): RegExp {
  const parts = source.split(GROUP);
  const unknown = parts.find((part) => !GROUP.test(part) && !/^[\w/.~-]*$/.test(part));
  if (unknown !== undefined) throw new Error(`Cannot read the pattern ${source}: unknown syntax in ${unknown}`);
  return new RegExp(`^${parts.map((part) => (GROUP.test(part) ? part : part.replaceAll(".", "\\."))).join("")}$`);
}
