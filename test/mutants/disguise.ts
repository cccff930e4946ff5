import { minifySync } from "vite";
import { type Edit, rewrite } from "./edit.js";
import { type Script, Source } from "./source.js";
import * as syntax from "./syntax.js";

/** Writes a module without types as nobody would: in another layout, and whatever has a name by another. It does the same. */
export function disguise(module: string): string {
  return reformat(rename(module));
}

/** Writes a module on one line, its strings in other quotes, and its scripts a token a line. */
export function reformat(module: string): string {
  const code = rewrite(
    module,
    respellings(module, (name) => name),
  );
  const codegen = { removeWhitespace: true };
  return minifySync("module.js", code, { compress: false, mangle: false, codegen }).code;
}

/** Gives other names to whatever a module declares, imports or exports, as if it had been renamed in every module. */
function rename(module: string): string {
  const other = (name: string) => (name in globalThis ? name : `${name}_`);
  const code = rewrite(module, syntax.renames(syntax.parse(module), other));
  return rewrite(
    code,
    respellings(code, (name) => `${name}_`),
  );
}

function respellings(code: string, spell: (name: string) => string): Edit[] {
  return new Source(code).scripts.filter(isLua).map(({ start, end, tokens, names }) => {
    const script = code.slice(start, end);
    const words = tokens.map((it) => (it.name && names.has(it.text) ? spell(it.text) : script.slice(it.start, it.end)));
    return { start, end, text: words.join("\n") };
  });
}

function isLua({ tokens }: Script): boolean {
  return tokens.some(({ text }) => text === "redis" || text === "local");
}
