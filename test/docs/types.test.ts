import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { APPLICATION, UNTYPED } from "./application.js";
import { type Block, blocksOf, readPages } from "./markdown.js";

// Each block of TypeScript and JavaScript is compiled against the sources of the package, as a module of an application.

// In the project, whose packages the blocks import.
mkdirSync("dist", { recursive: true });
const folder = mkdtempSync("dist/.docs-");
afterAll(() => rmSync(folder, { recursive: true }));

/** The modules in blocks: those of the pages that tell how to use the chat. In HTML, each script that is a module. */
function modulesOf(page: Block[]): Block[] {
  return page.flatMap((block) => {
    if (block.language !== "html") return /^(ts|tsx|js)$/.test(block.language) ? [block] : [];
    const scripts = [...block.code.matchAll(/<script type="module">([\s\S]*?)<\/script>/g)];
    return scripts.map(([, code = ""]) => ({ ...block, language: "js", code }));
  });
}

/** Where each entry of the package has its source, and what replaces it for JavaScript. */
function paths(): Record<string, string[]> {
  const sources = Object.entries(manifest.exports).flatMap(([name, target]) => {
    if (typeof target === "string") return [];
    const source = resolve(target.types.replace("dist/package/", ""));
    const file = source.endsWith("elements.d.ts") ? source : source.replace(/\.d\.ts$/, ".ts");
    return [{ name: name.replace(/^\./, "nereid-chat"), file }];
  });
  const replaced = Object.entries(UNTYPED).map(([name, text]) => {
    const file = `${name.replace("/", "-")}.ts`;
    writeFileSync(join(folder, file), text);
    return { name: `untyped/${name}`, file: resolve(folder, file) };
  });
  return Object.fromEntries([...sources, ...replaced].map(({ name, file }) => [name, [file]]));
}

/** Compiles blocks as modules of one application. Returns the errors, each beginning with the page and line of its block. */
async function compile(blocks: Block[]): Promise<string[]> {
  const files = blocks.map(({ where, language }) => `${where.replace(/[^\w]+/g, "-")}.${language}`);
  for (const [i, block] of blocks.entries()) writeFileSync(join(folder, files[i] ?? ""), `${asModule(block)}\n`);
  writeFileSync(join(folder, "application.d.ts"), APPLICATION);
  const compilerOptions = {
    ...{ noEmit: true, checkJs: true, allowJs: true, jsx: "react-jsx", lib: LIB, types: ["node", "react"] },
    ...{ module: "esnext", moduleResolution: "bundler", paths: paths(), typeRoots: [resolve("node_modules/@types")] },
    ...{ noUnusedLocals: false, noUnusedParameters: false, verbatimModuleSyntax: false },
  };
  const all = [...files, "application.d.ts", resolve("lib/http/rate-limiter-flexible.d.ts")];
  const config = { extends: resolve("tsconfig.json"), compilerOptions, include: [], exclude: [], files: all };
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { stdout } = await promisify(execFile)(process.execPath, [COMPILER, "-p", "."], { cwd: folder }).catch(
    (error) => ({ stdout: `${error.stdout}` }),
  );
  // The sources of the package are compiled by `npm run types`, where those of the server see no DOM.
  const lines = stdout.split("\n").filter((line) => /^([\w-]+\.(tsx?|js)\(|error)/.test(line));
  return lines.filter((line) => !(/^[\w-]+\.js\(/.test(line) && STRICT_ALONE.test(line)));
}

const COMPILER = resolve("node_modules/typescript/bin/tsc");
const LIB = ["es2024", "dom", "dom.iterable", "dom.asynciterable"];

/** What only strict TypeScript minds: a value that may be null, an optional one that may be undefined, and a parameter without a type. */
const STRICT_ALONE = /error TS(2375|2379|2531|2532|7006|7016|7031|18046|18047|18048|18049):/;

function asModule({ language, code }: Block): string {
  const local = code.replace(DEPLOYED, '"nereid-chat/client"');
  const names = language === "js" ? local.replace(/"nereid-chat(\/node)?"/g, '"untyped/nereid-chat$1"') : local;
  return `${names}\nexport {};`;
}

/** The client as a deployment serves it. */
const DEPLOYED = /"(?:https:\/\/[\w.]+)?\/nereid-chat\/client\.js"/g;

const MISTAKES = [
  { where: "mistake:1", language: "ts", code: 'import { server } from "nereid-chat/server";\nserver().sendd();' },
  { where: "mistake:2", language: "tsx", code: 'import "nereid-chat/widget";\nexport default () => <nereid-chatt />;' },
  {
    where: "mistake:3",
    language: "js",
    code: 'import { connect } from "/nereid-chat/client.js";\nconnect({ tokn: "" });',
  },
  { where: "mistake:4", language: "js", code: "message.text;" },
];

test("each block of TypeScript and JavaScript uses the package as its types say, and a mistake would be found", async () => {
  const blocks = readPages().flatMap((page) => modulesOf(blocksOf(page)));
  const count = (language: RegExp) => blocks.filter((it) => language.test(it.language)).length;
  expect([count(/^ts/) > 15, count(/^js$/) > 25]).toEqual([true, true]);
  const errors = await compile([...blocks, ...MISTAKES]);
  expect(errors.filter((it) => !it.startsWith("mistake"))).toEqual([]);
  expect(errors.map((it) => it.split("(")[0])).toEqual([
    "mistake-1.ts",
    "mistake-2.tsx",
    "mistake-3.js",
    "mistake-4.js",
  ]);
}, 120_000);
