import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";

/** Reads the version of this package: from the package.json above this file, which a build puts into different depths. */
export function readVersion(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    const found = existsSync(file) ? v.safeParse(Package, JSON.parse(readFileSync(file, "utf8"))) : undefined;
    if (found?.success) return found.output.version;
    if (folder === dirname(folder)) return "of unknown version";
  }
}

const Package = v.object({ name: v.literal("nereid-chat"), version: v.string() });
