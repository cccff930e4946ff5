import { createServerApi, type ServerApi } from "../backend/server-api.js";
import { type Chat, createChat as compose } from "../chat.js";
import { type ChatOptions, parseConfig, type User } from "../config.js";
import { Fault } from "../fault.js";
import { refuse } from "../http/problem.js";
import { BrowserFiles } from "./browser-file.js";
import { developmentSettings, lacksStore, leavePlace, takePlace } from "./development.js";

export { ServerError } from "../backend/server-answer.js";
export type { ServerApi } from "../backend/server-api.js";
export { type BeforeSend, type ChatOptions, ConfigError, type Draft, type User, type Verdict } from "../config.js";

/**
 * The settings of a chat that is mounted in an application. `user` also receives what the application passes to `fetch` with a request:
 * its own request or context, which may know the session already.
 */
export type MountOptions<Context = unknown> = Omit<ChatOptions, "user"> & {
  /** Returns the user of a request by the session of the application; `undefined` or `null` for none. */
  user?: (request: Request, context: Context | undefined) => Found | Promise<Found>;
};

type Found = User | null | undefined;

/** A chat that is mounted in an application. */
export type MountedChat<Context = unknown> = {
  /** Responds to a request to any path of the chat, the client's files included. Never rejects. */
  fetch(request: Request, context?: Context): Promise<Response>;
  /** Acts as the server of the host, in this process: the functions that `server` of `nereid-chat/server` has, without a credential. */
  readonly server: ServerApi;
  /** Ends held polls with empty answers, and closes the connections of this chat. */
  close(): void;
};

/**
 * Creates a chat to mount at a path of an application, `/nereid-chat` unless `basePath` is another. Each option has an environment variable
 * or a default; options override the environment. Without a configured store it starts one of its own with the first request, unless this is
 * production. Throws `ConfigError`, which names a setting that is missing or wrong.
 *
 * @example
 * const chat = createChat({ user: async (request) => session(request) });
 * app.all("/nereid-chat/*", (context) => chat.fetch(context.request)); // Hono, and any framework with web requests
 */
export function createChat<Context = unknown>(
  options: MountOptions<Context> = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): MountedChat<Context> {
  const contexts = new WeakMap<Request, Context>();
  const settings = withContext(options, contexts);
  const local = lacksStore(options, environment);
  const { basePath, prefix } = parseConfig(settings, local ? { ...PLACEHOLDERS, ...environment } : environment);
  const files = new BrowserFiles(basePath);
  const chat = local ? new LocalChat(`${basePath} ${prefix}`, settings, environment) : compose(settings, environment);
  return {
    // Not an async function: its frame would be retained for as long as a poll is held.
    fetch(request, context) {
      if (context !== undefined) contexts.set(request, context);
      return files.respond(request)?.then((file) => file ?? chat.fetch(request)) ?? chat.fetch(request);
    },
    server: createServerApi(({ path, ...init }) => chat.ask(new Request(`${INSIDE}${basePath}${path}`, init))),
    close: () => chat.close(),
  };
}

// Requests that never leave the process need some origin.
const INSIDE = "http://localhost";

function withContext<Context>(
  { user, ...options }: MountOptions<Context>,
  contexts: WeakMap<Request, Context>,
): ChatOptions {
  return typeof user === "function" ? { ...options, user: (request) => user(request, contexts.get(request)) } : options;
}

// Stand for the store that is started later, while the other settings are checked.
const PLACEHOLDERS = {
  UPSTASH_REDIS_REST_URL: "http://127.0.0.1",
  UPSTASH_REDIS_REST_TOKEN: "none",
  CHAT_JWT_SECRET: "checked, and replaced by a random one",
};

/** A chat whose store starts with its first request. After it was closed, it starts again with the next one. */
class LocalChat implements Chat {
  readonly #place: string;
  readonly #start: () => Promise<Chat>;
  #chat: Promise<Chat> | undefined;

  constructor(place: string, options: ChatOptions, environment: Readonly<Record<string, string | undefined>>) {
    this.#start = async () => compose(options, await developmentSettings(environment));
    this.#place = place;
    takePlace(place, this)?.close();
  }

  fetch(request: Request): Promise<Response> {
    return this.#answer((chat) => chat.fetch(request));
  }

  ask(request: Request): Promise<Response> {
    return this.#answer((chat) => chat.ask(request));
  }

  #answer(by: (chat: Chat) => Promise<Response>): Promise<Response> {
    this.#chat ??= this.#start();
    return this.#chat.then(by, (error: unknown) => {
      this.#chat = undefined;
      const reason = error instanceof Error ? error.message : "unknown failure";
      return refuse(new Fault("unavailable", { detail: `Cannot start a store on this machine: ${reason}` }));
    });
  }

  close(): void {
    this.#chat?.then((chat) => chat.close()).catch(() => {});
    this.#chat = undefined;
    leavePlace(this.#place, this);
  }
}
