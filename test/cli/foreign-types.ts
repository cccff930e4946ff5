/** What the templates of `init` use of other packages, as far as their types matter: a project has them installed. */
export const FOREIGN_TYPES = `
declare module "nereid-chat/widget" {}
declare module "express" {
  export type Request = import("node:http").IncomingMessage & { session?: unknown };
}
declare module "hono" {
  export type Context = { get(name: "clerk"): { users: { getUser(id: string): Promise<ClerkUser> } }; req: { raw: Request } };
}
declare module "next-auth" {
  export type Session = { user?: { id?: string; name?: string | null; image?: string | null; email?: string | null } };
}
declare module "next/server" {
  export class NextRequest extends Request { readonly cookies: { getAll(): { name: string; value: string }[] } }
}
declare module "next-auth/jwt" {
  export type JWT = Record<string, unknown> & { name?: string | null; picture?: string | null; sub?: string };
  export function getToken(params: { req: import("next/server").NextRequest }): Promise<JWT | null>;
}
declare module "@clerk/nextjs/server" {
  export function currentUser(): Promise<ClerkUser | null>;
}
declare module "@clerk/express" {
  export const clerkClient: { users: { getUser(id: string): Promise<ClerkUser> } };
  export function getAuth(request: import("express").Request): { userId: string | null };
}
declare module "@hono/clerk-auth" {
  export function getAuth(context: import("hono").Context): { userId: string | null } | null;
}
declare module "@hono/auth-js" {
  export function getAuthUser(context: import("hono").Context): Promise<{ session: import("next-auth").Session } | null>;
}
declare module "@auth/express" {
  export function getSession(request: import("express").Request, config: { providers: unknown[] }): Promise<import("next-auth").Session | null>;
}
declare module "svelte-clerk/server" {
  export const clerkClient: { users: { getUser(id: string): Promise<ClerkUser> } };
}
declare module "@supabase/ssr" {
  export function parseCookieHeader(header: string): { name: string; value?: string }[];
  export function createServerClient(url: string, key: string, options: { cookies: { getAll(): { name: string; value?: string }[]; setAll(): void } }): SupabaseClient;
}
declare module "$app/environment" {
  export const building: boolean;
}
declare module "$env/dynamic/private" {
  export const env: Record<string, string | undefined>;
}
type ClerkUser = { id: string; fullName: string | null; username: string | null; imageUrl: string };
type SupabaseUser = { id: string; user_metadata: Record<string, any> };
type SupabaseClient = { auth: { getUser(): Promise<{ data: { user: SupabaseUser | null } }> } };
`;

/** The set-up of each session library, where its guide puts it. */
export const SET_UPS: Readonly<Record<string, string>> = {
  "auth.ts": 'export declare function auth(): Promise<import("next-auth").Session | null>;',
  "config/auth.config.ts": "export const authConfig = { providers: [] };",
  "lib/auth.ts": `export declare const auth: { api: { getSession(asked: { headers: Headers }): Promise<{ user: { id: string; name: string; image?: string | null } } | null> } };`,
  "lib/supabase/server.ts": "export declare function createClient(): Promise<SupabaseClient>;",
};

/** The types that SvelteKit writes beside a route, in a project with a session library. */
export function svelteTypes(session: string): string {
  const auth = session === "clerk" ? "{ userId: string | null }" : 'Promise<import("next-auth").Session | null>';
  const locals = `{ auth(): ${auth}; safeGetSession(): Promise<{ user: SupabaseUser | null }> }`;
  return `export type RequestEvent = { request: Request; locals: ${locals} };`;
}

/** The element of this package in JSX of React, as `nereid-chat/widget` declares it. */
export const JSX_TYPES = `
import "react";
declare module "react" {
  namespace JSX {
    interface IntrinsicElements { "nereid-chat": { token?: string } }
  }
}
`;
