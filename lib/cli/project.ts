import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";

export const FRAMEWORKS = ["nextjs", "sveltekit", "hono", "express", "plain"] as const;
export type Framework = (typeof FRAMEWORKS)[number];

export const SESSION_LIBRARIES = ["authjs", "next-auth", "clerk", "better-auth", "supabase", "none"] as const;
export type SessionLibrary = (typeof SESSION_LIBRARIES)[number];

const MANAGERS = ["npm", "pnpm", "yarn", "bun"] as const;

/** What is known of a project that is to get a chat. */
export type Project = {
  framework: Framework;
  session: SessionLibrary;
  typescript: boolean;
  /** The folder of the sources, with a slash at its end: `src/`, or nothing. */
  source: "src/" | "";
  /** The module of the session library's set-up, without its extension unless that is `.mjs`: `src/lib/auth`. Undefined if it was not found. */
  sessionModule: string | undefined;
  usesVite: boolean;
  /** Whether pages of Next.js are in the folder `pages`: a page of the App Router would need a layout there. */
  usesPages: boolean;
  hasPackage: boolean;
  /** Whether plain `.js` files are ES modules. */
  isModule: boolean;
  packageManager: (typeof MANAGERS)[number];
  /** A framework that it has, and for which there are no templates. */
  otherFramework: string | undefined;
  /** Whether other projects lie in folders of this one. */
  isMonorepo: boolean;
};

/** Reads the project of a folder, from its package.json and what lies beside it; undefined without one. Throws if it is malformed. */
export function readProject(folder: string): Project | undefined {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return undefined;
  const read = v.parse(Package, JSON.parse(readFileSync(file, "utf8")));
  const { dependencies, devDependencies, type, workspaces, packageManager } = read;
  const ranges = { ...dependencies, ...devDependencies };
  const packages = Object.keys(ranges);
  const has = (path: string) => existsSync(join(folder, path));
  const session = findSession(packages, ranges["next-auth"]);
  // Next.js takes what is in the root before what is in `src`, and the folders of both routers from the same place.
  const source = has("src") && !has("app") && !has("pages") ? "src/" : "";
  return {
    framework: find(FRAMEWORK_PACKAGES, packages) ?? "plain",
    session,
    typescript: has("tsconfig.json"),
    source,
    sessionModule: findModule(session, has),
    usesVite: packages.includes("vite"),
    usesPages: has(`${source}pages`) && !LAYOUTS.some((it) => has(`${source}app/${it}`)),
    hasPackage: packages.includes("nereid-chat"),
    isModule: type === "module",
    packageManager: MANAGERS.find((it) => packageManager?.startsWith(`${it}@`)) ?? findManager(folder),
    otherFramework: find(OTHERS, packages),
    isMonorepo: workspaces !== undefined || has("pnpm-workspace.yaml"),
  };
}

// NextAuth.js 4, which `npm install next-auth` installs, has no `auth()`; 5 is Auth.js.
function findSession(packages: readonly string[], nextAuth: string | undefined): SessionLibrary {
  const found = find(SESSION_PACKAGES, packages) ?? "none";
  return found === "authjs" && /^[~^]?4\b/.test(nextAuth ?? "") ? "next-auth" : found;
}

/** Finds the module of a session library's set-up, where its documentation puts it. */
export function findModule(session: SessionLibrary, has: (path: string) => boolean): string | undefined {
  const places = SESSION_MODULES[session].flatMap((it) => [`src/${it}`, it]);
  const bare = places.find((it) => ["ts", "js", "tsx"].some((extension) => has(`${it}.${extension}`)));
  return bare ?? places.map((it) => `${it}.mjs`).find(has);
}

const Dependencies = v.optional(v.record(v.string(), v.string()), {});
const Package = v.object({
  dependencies: Dependencies,
  devDependencies: Dependencies,
  type: v.optional(v.string()),
  workspaces: v.optional(v.unknown()),
  packageManager: v.optional(v.string()),
});

const LAYOUTS = ["layout.tsx", "layout.jsx", "layout.js", "layout.ts"];

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

// What a project may have in place of the frameworks above, with the name that people know.
const OTHERS: readonly (readonly [string, RegExp])[] = [
  ["Astro", /^astro$/],
  ["Nuxt", /^nuxt$/],
  ["React Router", /^@react-router\/dev$/],
  ["Remix", /^@remix-run\/dev$/],
  ["Solid Start", /^@solidjs\/start$/],
  ["TanStack Start", /^@tanstack\/\w+-start$/],
  ["Fastify", /^fastify$/],
  ["Koa", /^koa$/],
  ["NestJS", /^@nestjs\/core$/],
];

const SESSION_MODULES: Readonly<Record<SessionLibrary, readonly string[]>> = {
  authjs: ["auth", "lib/auth"],
  "better-auth": ["lib/auth", "auth", "utils/auth", "server/auth"],
  supabase: ["lib/supabase/server", "utils/supabase/server"],
  "next-auth": [],
  clerk: [],
  none: [],
};

/** Finds the package manager by the lock of a folder, or of the nearest one above: in a monorepo, only the root has one. */
function findManager(folder: string): Project["packageManager"] {
  const found = LOCKS.find(([lock]) => existsSync(join(folder, lock)));
  if (found !== undefined) return found[1];
  const isLast = folder === dirname(folder) || existsSync(join(folder, ".git"));
  return isLast ? "npm" : findManager(dirname(folder));
}

const LOCKS = [
  ["package-lock.json", "npm"],
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
] as const;

function find<Name>(table: readonly (readonly [Name, RegExp])[], packages: readonly string[]): Name | undefined {
  return table.find(([, pattern]) => packages.some((it) => pattern.test(it)))?.[0];
}
