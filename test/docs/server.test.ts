import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };

const page = readFileSync("docs/server.md", "utf8");
const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
const folder = mkdtempSync(join(tmpdir(), "nereid-chat-docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Where each entry of the package has its source. */
function paths(): Record<string, string[]> {
  const entries = Object.entries(manifest.exports).flatMap(([name, target]) =>
    typeof target === "string" ? [] : [[name, target.default] as const],
  );
  return Object.fromEntries(
    entries.map(([name, target]) => [
      name.replace(/^\./, "nereid-chat"),
      [resolve(target.replace("dist/package/", "").replace(/\.js$/, ".ts"))],
    ]),
  );
}

test("each block of docs/server.md compiles", () => {
  for (const [i, code] of blocks.entries()) writeFileSync(join(folder, `block${i}.ts`), `${code}\nexport {};\n`);
  const compilerOptions = {
    noEmit: true,
    paths: paths(),
    typeRoots: [resolve("node_modules/@types")],
    types: ["node"],
  };
  const config = {
    extends: resolve("tsconfig.json"),
    compilerOptions,
    include: [],
    files: [...blocks.map((_, i) => `block${i}.ts`), resolve("lib/http/rate-limiter-flexible.d.ts")],
  };
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { stdout, status } = spawnSync(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "-p", folder], {
    encoding: "utf8",
  });
  expect(blocks.length).toBeGreaterThan(4);
  expect([stdout, status]).toEqual(["", 0]);
});

test("docs/server.md names each function", () => {
  const source = readFileSync("lib/backend/server-api.ts", "utf8");
  const names = [...source.matchAll(/^ {4}(\w+): \(/gm)].map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(12);
  expect(names.filter((name) => !page.includes(`\`${name}(`))).toEqual([]);
});
