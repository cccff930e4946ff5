import type { Project } from "../project.js";
import { HTML_PAGE } from "./page.js";
import {
  ABOUT_GUESTS,
  formatOptions,
  importPath,
  type Template,
  type TemplateFile,
  type UserLookup,
} from "./template.js";

/** A module with the chat for a server of Express, and a page with the widget. */
export function express(project: Project): Template {
  const path = modulePath(project);
  const lookup = expressLookups(project, path)[project.session];
  const usesRequest = lookup?.body.some((it) => /\brequest\b/.test(it)) ?? false;
  const generic = project.typescript && usesRequest ? "<Request>" : "";
  const imports = [
    ...(generic === "" ? [] : ['import type { Request } from "express";']),
    'import { chat } from "nereid-chat/node";',
    ...(lookup?.imports ?? []),
  ];
  const parameters = usesRequest ? "_, request" : "webRequest";
  const text = `${imports.join("\n")}

export const chatHandler = chat${generic}(${formatOptions(lookup, parameters)});
`;
  const hook = "In your server, after the session's middleware: `app.use(chatHandler);`, imported from the new module";
  return { files: [{ path, text }, page(project)], steps: steps(project, lookup, [hook]) };
}

/** A module with the chat for a server of Hono, and a page with the widget. */
export function hono(project: Project): Template {
  const path = modulePath(project);
  const lookup = honoLookups(project, path)[project.session];
  const usesContext = lookup?.body.some((it) => /\bcontext\b/.test(it)) ?? false;
  const generic = project.typescript && usesContext ? "<Context>" : "";
  const imports = [
    ...(generic === "" ? [] : ['import type { Context } from "hono";']),
    'import { createChat } from "nereid-chat";',
    ...(lookup?.imports ?? []),
  ];
  const text = `${imports.join("\n")}

export const chat = createChat${generic}(${formatOptions(lookup, usesContext ? "_, context" : "request")});
`;
  const hook =
    'In your server: `app.all("/nereid-chat/*", (context) => chat.fetch(context.req.raw, context));`, with `chat` imported from the new module';
  const hooks = project.packageManager === "bun" ? [hook, ON_BUN] : [hook];
  return { files: [{ path, text }, page(project)], steps: steps(project, lookup, hooks) };
}

const ON_BUN =
  "Bun cuts requests that are silent for ten seconds, as polls of the chat are: add `idleTimeout: 60` to what your server exports";

function modulePath({ source, typescript, isModule }: Project): string {
  return `${source}chat.${typescript ? "ts" : isModule ? "js" : "mjs"}`;
}

/** Vite serves every page of the root in development; other servers, what they serve anyway. */
function page({ usesVite }: Project): TemplateFile {
  return { path: usesVite ? "chat.html" : "public/chat.html", text: HTML_PAGE };
}

function steps({ usesVite }: Project, lookup: UserLookup | undefined, hooks: readonly string[]): string[] {
  const about = lookup === undefined ? ABOUT_GUESTS : lookup.presupposes;
  const proxy =
    'In vite.config, let the dev server pass the chat on to yours: `server: { proxy: { "/nereid-chat": "http://localhost:3000" } }`';
  const open = usesVite
    ? "Start both servers, and open http://localhost:5173/chat.html"
    : "Start your server, and open /chat.html of it (serve the folder public/)";
  return [...hooks, ...(usesVite ? [proxy] : []), ...(about === undefined ? [] : [about]), open];
}

type Lookups = Readonly<Record<Project["session"], UserLookup | undefined>>;

const OWN_REQUEST = "Replace the import of the set-up if yours is elsewhere";

function expressLookups(project: Project, path: string): Lookups {
  return {
    authjs: {
      imports: [
        'import { getSession } from "@auth/express";',
        `import { authConfig } from "${importPath(path, `${project.source}config/auth.config`)}.js";`,
      ],
      body: ["const session = request && (await getSession(request, authConfig));", ...AUTHJS],
      presupposes: OWN_REQUEST,
    },
    clerk: {
      imports: ['import { clerkClient, getAuth } from "@clerk/express";'],
      body: ["const id = request && getAuth(request).userId;", ...CLERK],
    },
    ...betterAuth(project, path, "webRequest"),
  };
}

function honoLookups(project: Project, path: string): Lookups {
  return {
    authjs: {
      imports: ['import { getAuthUser } from "@hono/auth-js";'],
      body: ["const session = (context && (await getAuthUser(context)))?.session;", ...AUTHJS],
      presupposes: "initAuthConfig() of @hono/auth-js must run before the chat",
    },
    clerk: {
      imports: ['import { getAuth } from "@hono/clerk-auth";'],
      body: [
        "const id = context && getAuth(context)?.userId;",
        'const user = id ? await context.get("clerk").users.getUser(id) : undefined;',
        "return user && { id: user.id, displayName: user.fullName ?? user.username, image: user.imageUrl };",
      ],
      presupposes: "clerkMiddleware() of @hono/clerk-auth must run before the chat",
    },
    ...betterAuth(project, path, "request"),
  };
}

const AUTHJS = [
  "const { id, name, image } = session?.user ?? {};",
  "return id ? { id, displayName: name, image } : undefined;",
];
const CLERK = [
  "const user = id ? await clerkClient.users.getUser(id) : undefined;",
  "return user && { id: user.id, displayName: user.fullName ?? user.username, image: user.imageUrl };",
];

/** The lookups by the headers of a web request, which are the same for every server. */
function betterAuth(project: Project, path: string, request: string) {
  return {
    "better-auth": {
      imports: [`import { auth } from "${importModule(project, path, "lib/auth")}";`],
      body: [
        `const session = await auth.api.getSession({ headers: ${request}.headers });`,
        "return session && { id: session.user.id, displayName: session.user.name, image: session.user.image };",
      ],
    },
    supabase: {
      imports: ['import { createServerClient, parseCookieHeader } from "@supabase/ssr";'],
      body: [
        `const getAll = () => parseCookieHeader(${request}.headers.get("cookie") ?? "");`,
        'const { SUPABASE_URL: url = "", SUPABASE_ANON_KEY: key = "" } = process.env;',
        "const supabase = createServerClient(url, key, { cookies: { getAll, setAll: () => {} } });",
        "const { data } = await supabase.auth.getUser();",
        "return data.user && { id: data.user.id, displayName: data.user.user_metadata.full_name };",
      ],
      presupposes: "Set SUPABASE_URL and SUPABASE_ANON_KEY for the server",
    },
    "next-auth": undefined,
    none: undefined,
  };
}

/** Servers run without a bundler: Node finds a module by its whole name. */
function importModule({ source, sessionModule }: Project, path: string, usual: string): string {
  const module = importPath(path, sessionModule ?? `${source}${usual}`);
  return module.endsWith(".mjs") ? module : `${module}.js`;
}
