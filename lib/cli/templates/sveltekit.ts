import type { Project } from "../project.js";
import { SVELTE_PAGE } from "./page.js";
import { ABOUT_GUESTS, formatOptions, importPath, type Template, type UserLookup } from "./template.js";

/** A server route, and a page with the widget. */
export function sveltekit(project: Project): Template {
  const path = `src/routes/nereid-chat/[...path]/+server.${project.typescript ? "ts" : "js"}`;
  const lookup = lookups(project, path)[project.session];
  const usesEvent = lookup?.body.some((it) => /\bevent\b/.test(it)) ?? false;
  const options = formatOptions(lookup, usesEvent ? "_request, event" : "request");
  const imports = [
    'import { createChat } from "nereid-chat";',
    'import { building } from "$app/environment";',
    'import { env } from "$env/dynamic/private";',
    ...(project.typescript ? ['import type { RequestEvent } from "./$types";'] : []),
    ...(lookup?.imports ?? []),
  ];
  const [context, event] = project.typescript ? ["<RequestEvent>", "event: RequestEvent"] : ["", "event"];
  const text = `${imports.join("\n")}

const create = () => createChat${context}(${options}, env);

// A build imports this file, maybe without the variables of the deployment, and never asks it.
const chat = building ? undefined : create();

const respond = (${event}) => (chat ?? create()).fetch(event.request, event);

export { respond as GET, respond as POST, respond as PUT, respond as PATCH, respond as DELETE, respond as OPTIONS };
`;
  const about = lookup === undefined ? ABOUT_GUESTS : lookup.presupposes;
  return {
    files: [
      { path, text },
      { path: "src/routes/chat/+page.svelte", text: SVELTE_PAGE },
    ],
    steps: [...(about === undefined ? [] : [about]), "Open http://localhost:5173/chat"],
  };
}

function lookups(
  { sessionModule }: Project,
  path: string,
): Readonly<Record<Project["session"], UserLookup | undefined>> {
  return {
    authjs: {
      imports: [],
      body: [
        "const session = await event?.locals.auth();",
        "const { id, name, image } = session?.user ?? {};",
        "return id ? { id, displayName: name, image } : undefined;",
      ],
      presupposes:
        "Auth.js gives `session.user.id` with a database; with JWT sessions, set it in the callbacks `jwt` and `session`",
    },
    clerk: {
      imports: ['import { clerkClient } from "svelte-clerk/server";'],
      body: [
        "const id = event?.locals.auth().userId;",
        "const user = id ? await clerkClient.users.getUser(id) : undefined;",
        "return user && { id: user.id, displayName: user.fullName ?? user.username, image: user.imageUrl };",
      ],
      presupposes: "Let withClerkHandler() run in src/hooks.server",
    },
    "better-auth": {
      imports: [`import { auth } from "${importPath(path, sessionModule ?? "src/lib/auth")}";`],
      body: [
        "const session = await auth.api.getSession({ headers: request.headers });",
        "return session && { id: session.user.id, displayName: session.user.name, image: session.user.image };",
      ],
    },
    supabase: {
      imports: [],
      body: [
        "const { user } = (await event?.locals.safeGetSession()) ?? {};",
        "return user && { id: user.id, displayName: user.user_metadata.full_name };",
      ],
      presupposes: "`locals.safeGetSession` is that of Supabase's guide for SvelteKit (src/hooks.server)",
    },
    "next-auth": undefined,
    none: undefined,
  };
}
