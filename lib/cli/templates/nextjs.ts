import type { Project } from "../project.js";
import { REACT_PAGE } from "./page.js";
import { ABOUT_GUESTS, formatOptions, importPath, type Template, type UserLookup } from "./template.js";

/** A route handler of the App Router, which a project with the Pages Router may have, too, and a page with the widget. */
export function nextjs(project: Project): Template {
  const [code, markup] = project.typescript ? ["ts", "tsx"] : ["js", "jsx"];
  const route = `${project.source}app/nereid-chat/[[...path]]/route.${code}`;
  const lookup = lookups(project, route)[project.session];
  const imports = ['import { chat } from "nereid-chat/next";', ...(lookup?.imports ?? [])];
  const parameters = lookup?.body.some((it) => /\brequest\b/.test(it)) ? "request" : "";
  const text = `${imports.join("\n")}

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = chat(${formatOptions(lookup, parameters)});
export const maxDuration = 300;
`;
  return {
    files: [
      { path: route, text },
      { path: `${project.source}${project.usesPages ? "pages/chat" : "app/chat/page"}.${markup}`, text: REACT_PAGE },
    ],
    steps: [lookup === undefined ? ABOUT_GUESTS : (lookup.presupposes ?? ""), "Open http://localhost:3000/chat"].filter(
      (it) => it !== "",
    ),
  };
}

function lookups(
  { source, sessionModule }: Project,
  route: string,
): Readonly<Record<Project["session"], UserLookup | undefined>> {
  const at = (usual: string) => importPath(route, sessionModule ?? `${source}${usual}`);
  return {
    authjs: {
      imports: [`import { auth } from "${at("auth")}";`],
      body: [
        "const session = await auth();",
        "const { id, name, image } = session?.user ?? {};",
        "return id ? { id, displayName: name, image } : undefined;",
      ],
      presupposes:
        "Auth.js gives `session.user.id` with a database; with JWT sessions, set it in the callbacks `jwt` and `session`",
    },
    "next-auth": {
      imports: ['import { getToken } from "next-auth/jwt";', 'import { NextRequest } from "next/server";'],
      body: [
        "const token = await getToken({ req: new NextRequest(request.url, { headers: request.headers }) });",
        "return token?.sub ? { id: token.sub, displayName: token.name, image: token.picture } : undefined;",
      ],
      presupposes:
        "getToken() reads JWT sessions, with NEXTAUTH_SECRET; where an adapter keeps them in a database, replace it by getServerSession(authOptions)",
    },
    clerk: {
      imports: ['import { currentUser } from "@clerk/nextjs/server";'],
      body: [
        "const user = await currentUser();",
        "return user && { id: user.id, displayName: user.fullName ?? user.username, image: user.imageUrl };",
      ],
      presupposes: "Let the matcher of clerkMiddleware() include /nereid-chat; the one of Clerk's guide does",
    },
    "better-auth": {
      imports: [`import { auth } from "${at("lib/auth")}";`],
      body: [
        "const session = await auth.api.getSession({ headers: request.headers });",
        "return session && { id: session.user.id, displayName: session.user.name, image: session.user.image };",
      ],
    },
    supabase: {
      imports: [`import { createClient } from "${at("lib/supabase/server")}";`],
      body: [
        "const supabase = await createClient();",
        "const { data } = await supabase.auth.getUser();",
        "return data.user && { id: data.user.id, displayName: data.user.user_metadata.full_name };",
      ],
    },
    none: undefined,
  };
}
