import { createChat, type MountedChat, type MountOptions, type ServerApi } from "./mounted-chat.js";

export {
  type BeforeSend,
  ConfigError,
  type Draft,
  type MountOptions,
  ServerError,
  type User,
  type Verdict,
} from "./mounted-chat.js";

/** The handlers that a route file of the Next.js App Router exports. */
export type RouteHandlers = Readonly<Record<"GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS", RouteHandler>> & {
  /** Acts as the server of the host, in this process (docs/server.md). A route file does not export it. */
  readonly server: ServerApi;
};

type RouteHandler = (request: Request) => Promise<Response>;

/**
 * Creates a chat as the handlers of a route of the Next.js App Router, on the Node.js runtime. Throws `ConfigError` when the server loads the
 * route, with a wrong setting or, in production, without a store: requests are then answered with 500. Never throws during `next build`, where the
 * variables of a deployment may be absent.
 *
 * @example
 * // app/nereid-chat/[[...path]]/route.ts
 * export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = chat({ user: async () => (await auth())?.user });
 * export const maxDuration = 300;
 */
export function chat(
  options: MountOptions = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): RouteHandlers {
  let mounted: MountedChat | undefined;
  const mount = () => {
    mounted ??= createChat(options, environment);
    return mounted;
  };
  const respond: RouteHandler = (request) => mount().fetch(request);
  // A build imports each route to read its settings, and never asks it.
  if (environment.NEXT_PHASE !== "phase-production-build") mount();
  return {
    ...{ GET: respond, POST: respond, PUT: respond, PATCH: respond, DELETE: respond, OPTIONS: respond },
    get server() {
      return mount().server;
    },
  };
}
