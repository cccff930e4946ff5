/** Declares what the blocks of the documentation use of the application around them, and of packages that are not installed here. */
export const APPLICATION = `
type User = { id: string; name: string };
type Asked = Request & { user: User; body: Record<string, string>; session?: { user?: User } };
type Reply = { json(body: unknown): void; send(body: unknown): void };
type Handler = (request: Asked, response: Reply) => unknown;
type Web = (context: { req: { raw: Request } }) => unknown;
type Application = {
  use(handler: unknown): void;
  get(path: string, handler: Handler): void;
  post(path: string, handler: Handler): void;
  all(path: string, handler: Web): void;
  listen(port: number | { port: number }): Promise<void>;
};

/** Shows a message to the user, or sends one to the next function. */
declare function show(...shown: unknown[]): void;
/** Returns the user of a request. */
declare function session(request: Request): Promise<User | undefined>;
declare const app: Application;
declare const chat: import("nereid-chat/client").Chat;
declare const thread: string;
declare const id: string;
declare const seq: number;
declare const file: File;
declare const jwt: string;
declare const sessionToken: string;
declare const httpServer: import("node:http").Server;
declare function toWebRequest(event: unknown): Request;
declare function defineEventHandler<Event>(handler: (event: Event) => unknown): unknown;

declare module "@/auth" {
  export function auth(): Promise<{ user: { id: string; name: string } } | null>;
}
declare module "express" {
  export default function express(): Application;
}
declare module "next/navigation" {
  export function useSearchParams(): URLSearchParams;
}
declare module "@/components/chat" {
  export function Chat(props: { url: string; tokenUrl: string }): import("react").ReactElement;
}
declare module "pusher";
declare module "pusher-js";
declare module "socket.io";
declare module "socket.io-client";
declare module "stream-chat";
declare module "@sendbird/chat";
declare module "@sendbird/chat/groupChannel";
`;

/**
 * Replaces entries of the package for blocks of JavaScript, which cannot name the type of their framework's request: here it has the session
 * of the application.
 */
export const UNTYPED = {
  "nereid-chat": `
import { createChat as create } from "nereid-chat";
export const createChat = create<Asked>;
`,
  "nereid-chat/node": `
import { chat as create, type NodeRequest } from "nereid-chat/node";
export const chat = create<NodeRequest & Pick<Asked, "session">>;
`,
};
