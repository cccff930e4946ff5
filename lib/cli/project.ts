import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";

export const FRAMEWORKS = ["nextjs", "sveltekit", "hono", "express", "plain"] as const;
export type Framework = (typeof FRAMEWORKS)[number];

export const SESSION_LIBRARIES = ["authjs", "clerk", "better-auth", "supabase", "none"] as const;
export type SessionLibrary = (typeof SESSION_LIBRARIES)[number];

/** What is known of a project that is to get a chat. */
export type Project = {
  framework: Framework;
  session: SessionLibrary;
  typescript: boolean;
  /** The folder of the sources, with a slash at its end: `src/`, or nothing. */
  source: "src/" | "";
  /** The module of the session library's set-up, without its extension: `src/lib/auth`. Undefined if it was not found. */
  sessionModule: string | undefined;
  usesVite: boolean;
  hasPackage: boolean;
  /** Whether plain `.js` files are ES modules. */
  isModule: boolean;
  packageManager: "npm" | "pnpm" | "yarn" | "bun";
};

/** Reads the project of a folder, from its package.json and what lies beside it; undefined without one. Throws if it is malformed. */
export function readProject(folder: string): Project | undefined {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return undefined;
  const { dependencies, devDependencies, type } = v.parse(Package, JSON.parse(readFileSync(file, "utf8")));
  const packages = Object.keys({ ...dependencies, ...devDependencies });
  const has = (path: string) => existsSync(join(folder, path));
  const session = find(SESSION_PACKAGES, packages) ?? "none";
  return {
    framework: find(FRAMEWORK_PACKAGES, packages) ?? "plain",
    session,
    typescript: has("tsconfig.json"),
    source: has("src") && !has("app") ? "src/" : "",
    sessionModule: findModule(session, has),
    usesVite: packages.includes("vite"),
    hasPackage: packages.includes("nereid-chat"),
    isModule: type === "module",
    packageManager: LOCKS.find(([lock]) => has(lock))?.[1] ?? "npm",
  };
}

/** Finds the module of a session library's set-up, where its documentation puts it. */
export function findModule(session: SessionLibrary, has: (path: string) => boolean): string | undefined {
  const places = SESSION_MODULES[session].flatMap((it) => [`src/${it}`, it]);
  return places.find((it) => ["ts", "js", "tsx", "mjs"].some((extension) => has(`${it}.${extension}`)));
}

const Dependencies = v.optional(v.record(v.string(), v.string()), {});
const Package = v.object({
  dependencies: Dependencies,
  devDependencies: Dependencies,
  type: v.optional(v.string()),
});

// The first that matches counts: a project with Next.js may also have Express.
const FRAMEWORK_PACKAGES: readonly (readonly [Framework, RegExp])[] = [
  ["nextjs", /^next$/],
  ["sveltekit", /^@sveltejs\/kit$/],
  ["hono", /^hono$/],
  ["express", /^express$/],
];

const SESSION_PACKAGES: readonly (readonly [SessionLibrary, RegExp])[] = [
  ["clerk", /^(@clerk\/.+|svelte-clerk)$/],
  ["better-auth", /^better-auth$/],
  ["authjs", /^(next-auth|@auth\/(?!.*adapter).+)$/],
  ["supabase", /^@supabase\/ssr$/],
];

const SESSION_MODULES: Readonly<Record<SessionLibrary, readonly string[]>> = {
  authjs: ["auth", "lib/auth"],
  "better-auth": ["lib/auth", "auth", "utils/auth", "server/auth"],
  supabase: ["lib/supabase/server", "utils/supabase/server"],
  clerk: [],
  none: [],
};

const LOCKS = [
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
] as const;

function find<Name>(table: readonly (readonly [Name, RegExp])[], packages: readonly string[]): Name | undefined {
  return table.find(([, pattern]) => packages.some((it) => pattern.test(it)))?.[0];
}
