import { randomBytes } from "node:crypto";
import type { Chat } from "../chat.js";

/** A store on this machine, over REST. */
type LocalStore = { name: string; url: string; token: string; files: string; stop(): Promise<void> };

/** What chats without a configured store share in one process. It outlives the modules, which a development server loads again and again. */
type Development = { store: Promise<LocalStore> | undefined; jwtSecret: string; chats: Map<string, Chat> };

/** Whether a chat has to bring its own store: none is configured, and this is not production. */
export function lacksStore(
  options: { redisUrl?: string; redisToken?: string },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  if (isProduction(environment)) return false;
  const settings = [options.redisUrl, options.redisToken, ...STORE_VARIABLES.map((name) => environment[name])];
  return settings.every((it) => it === undefined);
}

/** Returns the settings of a chat in development: the store of this process, which the first chat starts, and a secret that signs guests. */
export async function developmentSettings(environment: Readonly<Record<string, string | undefined>>) {
  const shared = ofProcess();
  shared.store ??= start(environment.CHAT_LOCAL_REDIS);
  try {
    const { url, token, files } = await shared.store;
    const settings = { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token, CHAT_STORE: "local" };
    return { CHAT_JWT_SECRET: shared.jwtSecret, CHAT_FILES_FOLDER: files, ...environment, ...settings };
  } catch (error) {
    // The next request tries again.
    shared.store = undefined;
    throw error;
  }
}

/** Notes the chat of a place in this process, and returns the one that a module before a hot reload left there. */
export function takePlace(place: string, chat: Chat): Chat | undefined {
  const { chats } = ofProcess();
  const before = chats.get(place);
  chats.set(place, chat);
  return before;
}

/** Forgets a chat that was closed. The store stops with the last one. */
export function leavePlace(place: string, chat: Chat): void {
  const shared = ofProcess();
  if (shared.chats.get(place) === chat) shared.chats.delete(place);
  if (shared.chats.size > 0) return;
  shared.store?.then((store) => store.stop()).catch(() => {});
  shared.store = undefined;
}

const STORE_VARIABLES = [
  ...["UPSTASH_REDIS_REST_URL", "KV_REST_API_URL"],
  ...["UPSTASH_REDIS_REST_TOKEN", "KV_REST_API_TOKEN"],
];

// `vercel dev` sets VERCEL_ENV to development, previews share the store of a real deployment.
function isProduction({ NODE_ENV, VERCEL_ENV }: Readonly<Record<string, string | undefined>>): boolean {
  return NODE_ENV === "production" || VERCEL_ENV === "production" || VERCEL_ENV === "preview";
}

const KEY = Symbol.for("nereid-chat.development");

function ofProcess(): Development {
  const known: Development | undefined = Reflect.get(globalThis, KEY);
  if (known !== undefined) return known;
  const created = { store: undefined, jwtSecret: randomBytes(32).toString("base64url"), chats: new Map() };
  Reflect.set(globalThis, KEY, created);
  return created;
}

// A variable, and comments for bundlers: what only development needs must not become a part of a production build.
const EMBEDDED = "nereid-chat/embedded-store";

async function start(wanted: string | undefined): Promise<LocalStore> {
  const { startStore } = await import(
    /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ EMBEDDED
  );
  const store: LocalStore = await startStore(wanted);
  process.stderr.write(`nereid-chat: no store is configured, so this process uses ${store.name}\n`);
  return store;
}
