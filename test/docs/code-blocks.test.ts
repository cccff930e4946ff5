import { spawnSync } from "node:child_process";
import { transformSync as parseStyle } from "esbuild";
import { parseSync } from "rolldown/utils";
import { expect, test } from "vitest";
import { type Block, blocksOf, readPages } from "./markdown.js";

const blocks = readPages().flatMap(blocksOf);

/** Throws when a block is not written in its language. */
function parse({ language, code }: Block): void {
  switch (language) {
    case "js":
    case "ts":
    case "tsx":
      parseScript(code, language);
      return;
    case "json":
      JSON.parse(code);
      return;
    case "css":
      if (parseStyle(code, { loader: "css" }).warnings.length > 0) throw new SyntaxError("not CSS");
      return;
    case "html":
      for (const [, script = ""] of code.matchAll(/<script type="module">([\s\S]*?)<\/script>/g))
        parseScript(script, "js");
      return;
    case "sh":
      parseShell(code);
      return;
    case "python":
      parsePython(code);
      return;
    case "php":
    case "nginx":
    case "mermaid":
      return;
    default:
      throw new SyntaxError(`${language} is not a language that this test knows`);
  }
}

function parseScript(code: string, lang: "js" | "ts" | "tsx"): void {
  const { errors } = parseSync(`block.${lang}`, code, { lang, sourceType: "module" });
  if (errors.length > 0) throw new SyntaxError(errors[0]?.message);
}

/** Parses Python where there is one. */
function parsePython(code: string): void {
  const { status, stderr, error } = spawnSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], {
    input: code,
    encoding: "utf8",
  });
  if (error === undefined && status !== 0) throw new SyntaxError(stderr);
}

function parseShell(code: string): void {
  const { status, stderr } = spawnSync("bash", ["-n"], { input: code, encoding: "utf8" });
  if (status !== 0) throw new SyntaxError(stderr);
}

test("the documentation has blocks of code in each language", () => {
  const languages = new Set(blocks.map(({ language }) => language));
  for (const language of ["html", "js", "json", "sh", "ts", "tsx"]) expect(languages).toContain(language);
});

test.each(blocks)("the $language at $where parses", (block) => {
  expect(() => parse(block)).not.toThrow();
});

test.each([
  { language: "js", code: "const = 1;" },
  { language: "ts", code: "const a: = 1;" },
  { language: "tsx", code: "const a = <b>;" },
  { language: "json", code: "{…}" },
  { language: "sh", code: "if true; then" },
  { language: "python", code: "def f(:" },
  { language: "html", code: '<script type="module">const = 1;</script>' },
])("broken $language would be found", ({ language, code }) => {
  expect(() => parse({ where: "here", language, code })).toThrow();
});
