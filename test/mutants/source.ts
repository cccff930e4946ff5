import { type Edit, rewrite } from "./edit.js";
import * as lua from "./lua.js";
import { matches } from "./match.js";
import { Naming } from "./naming.js";
import * as syntax from "./syntax.js";

/** A place in the code, and what the names of the pattern are called there. */
type Place = { start: number; end: number; names: Naming };

/** A template literal, read as a script: its tokens, and the names that it declares. */
export type Script = { start: number; end: number; tokens: lua.Token[]; names: ReadonlySet<string> };

// How much may have been renamed: nothing, a module's own names, or also what it imports and exports. The fewest renames go first.
const FREEDOMS = ["none", "own", "any"] as const;
type Freedom = (typeof FREEDOMS)[number];

/** The source of a module, in which places are found by what they say and not by how it is written. */
export class Source {
  readonly code: string;
  /** Every template literal, whatever it is. */
  readonly scripts: readonly Script[];
  readonly #lists: readonly (readonly syntax.Node[])[];
  /** What the module calls what it imports and exports → what others call it. */
  readonly #known: ReadonlyMap<string, string>;
  readonly #shared: ReadonlySet<string>;

  /** Parses a module, with or without types. Throws when it cannot be parsed. */
  constructor(code: string) {
    this.#lists = syntax.lists(syntax.parse(code));
    const nodes = this.#lists.flat();
    this.code = code;
    this.scripts = [...syntax.templates(nodes)].map((it) => readScript(code, it));
    this.#known = new Map([...syntax.shared(nodes)].map(({ local, name }) => [local, name]));
    this.#shared = new Set(this.#known.values());
  }

  /**
   * Changes the one place that says `from`: expressions, statements, properties, or a part of a Lua script; answers the module with `to`
   * in its place. Layout, comments, quotes and types do not matter, and names may differ, as long as each stands for one other.
   * Throws when there is no such place, or more than one.
   *
   * @example new Source("const isLate = (at: number) => at > LIMIT;").change("time > LIMIT", "time >= LIMIT")
   * // const isLate = (at: number) => (at >= LIMIT);
   */
  change(from: string, to: string): string {
    const fragment = syntax.parseFragment(from);
    const pattern = lua.tokenize(lua.inLiteral(from));
    for (const freedom of FREEDOMS) {
      const inTree = fragment === undefined ? [] : [...this.#inTree(fragment.nodes, freedom)];
      const inScripts = [...this.#inScripts(pattern, freedom)];
      const [place, another] = [...inTree, ...inScripts];
      if (another !== undefined) throw new Error(`Cannot tell which of several places is meant by ${from}`);
      if (place === undefined) continue;
      const text = inTree.length > 0 ? inNames(to, place.names) : luaInNames(to, place.names);
      return rewrite(this.code, [{ ...place, text: apart(this.code, place, text) }]);
    }
    throw new Error(`Cannot find ${from}`);
  }

  *#inTree(pattern: readonly syntax.Node[], freedom: Freedom): Generator<Place> {
    for (const list of this.#lists) {
      for (let i = 0; i + pattern.length <= list.length; i++) {
        const run = list.slice(i, i + pattern.length);
        const [first, last] = [run[0], run.at(-1)];
        const names = this.#naming(freedom);
        if (first === undefined || last === undefined || !matches(pattern, run, names)) continue;
        if (isSure(names, freedom)) yield { start: first.start, end: last.end, names };
      }
    }
  }

  #naming(freedom: Freedom): Naming {
    const known = this.#known;
    const given = (name: string) => (name in globalThis ? name : undefined);
    if (freedom === "none")
      return new Naming(
        (name) => known.get(name) ?? name,
        () => true,
      );
    if (freedom === "any") return new Naming(given, (name) => name in globalThis);
    return new Naming(
      (name) => known.get(name) ?? given(name),
      (name) => name in globalThis || this.#shared.has(name),
    );
  }

  *#inScripts(pattern: readonly lua.Token[], freedom: Freedom): Generator<Place> {
    for (const { start, tokens, names: own } of this.scripts) {
      const isFixed = (name: string) =>
        freedom === "none" || lua.isGiven(name) || (freedom === "own" && !own.has(name));
      const naming = () => new Naming((name) => (isFixed(name) ? name : undefined), lua.isGiven);
      for (const { run, names } of lua.runs(tokens, pattern, naming)) {
        const [first, last] = [run[0], run.at(-1)];
        if (first === undefined || last === undefined || !isSure(names, freedom)) continue;
        yield { start: start + first.start, end: start + last.end, names };
      }
    }
  }
}

/** Keeps words apart: what stood there may have needed no space. */
function apart(code: string, { start, end }: Place, text: string): string {
  const space = (before: string, after: string) => (/\w$/.test(before) && /^\w/.test(after) ? " " : "");
  return space(code.slice(0, start), text) + text + space(text, code.slice(end));
}

// Two forms are soon alike when every name may be another.
function isSure(names: Naming, freedom: Freedom): boolean {
  return freedom === "none" || names.anchors > 0;
}

function readScript(
  code: string,
  { start, end, holes }: { start: number; end: number; holes: readonly Edit[] },
): Script {
  const tokens = lua.tokenize(rewrite(code, holes, start, end));
  return { start, end, tokens, names: lua.declared(tokens) };
}

/** Writes code with the names of the place that it is put into. */
function inNames(to: string, names: Naming): string {
  const fragment = syntax.parseFragment(to);
  if (fragment === undefined) throw new Error(`Cannot parse ${to}`);
  const [first, last] = [fragment.nodes[0], fragment.nodes.at(-1)];
  if (first === undefined || last === undefined) return "";
  const text = rewrite(
    fragment.code,
    syntax.renames(fragment.nodes, (name) => names.get(name) ?? name),
    first.start,
    last.end,
  );
  if (/(Statement|Declaration)$/.test(last.type)) return /[;}]$/.test(text) ? text : `${text};`;
  // An assignment may stand for a declaration, which has no parentheses.
  return first === last && /Expression$/.test(first.type) && first.type !== "AssignmentExpression" ? `(${text})` : text;
}

function luaInNames(to: string, names: Naming): string {
  const text = lua.inLiteral(to);
  return rewrite(
    text,
    lua.renames(lua.tokenize(text), (name) => names.get(name) ?? name),
  );
}
