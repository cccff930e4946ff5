import type { Endpoint } from "./endpoints.js";

/** The families of operations, in the order of the document. */
export const TAGS = [
  { name: "Tokens", description: "Chat tokens, by which clients call everything else" },
  { name: "Stream", description: "What happens, as it happens" },
  { name: "Sending", description: "Messages and all other stanzas" },
  { name: "Threads", description: "Direct threads and rooms, their members, history and invites" },
  { name: "People", description: "Contacts, descriptions and blocks" },
  { name: "Push", description: "The devices that get pushes when no page is open" },
  { name: "Reports", description: "What members have reported to moderators" },
  { name: "Moderation", description: "What moderators see and do, by their session or with a service credential" },
  { name: "Server", description: "What the host's server may do, as any user or as the system" },
  { name: "Deployment", description: "Scripts, health and what a deployment needs from outside" },
  { name: "First implementation", description: "URLs that its clients call" },
] as const;

export type Tag = (typeof TAGS)[number]["name"];

// By the first segment of the path; a new one does not go without a family.
const FAMILIES: Readonly<Record<string, Tag>> = {
  token: "Tokens",
  stream: "Stream",
  send: "Sending",
  threads: "Threads",
  invites: "Threads",
  search: "Threads",
  previews: "Sending",
  files: "Sending",
  friends: "People",
  actors: "People",
  blocks: "People",
  push: "Push",
  reports: "Reports",
  moderation: "Moderation",
  admin: "Deployment",
  server: "Server",
  setup: "Deployment",
  health: "Deployment",
  metrics: "Deployment",
  cron: "Deployment",
  "chat.js": "Deployment",
  "get-friends": "First implementation",
  "start-session": "First implementation",
  "send-message": "First implementation",
};

/** Returns the family of an operation. Throws for a path that belongs to none. */
export function tagOf({ path }: Pick<Endpoint, "path">): Tag {
  const tag = FAMILIES[path.split("/")[1] ?? ""];
  if (tag === undefined) throw new Error(`Cannot describe ${path}: it belongs to no family`);
  return tag;
}

/** Says who may ask, which the security schemes alone leave to be guessed. */
export const ASKERS: Readonly<Record<Endpoint["who"], string>> = {
  anybody: "Needs no session and no chat token.",
  server: "For the host's server, with a service credential.",
  staff: "For the session of a moderator, or with a service credential.",
  session: "For a session; a chat token is refused.",
  "session or nobody": "For a session, or for nobody yet.",
  caller: "For a session or a chat token.",
  "token in path": "The chat token in the path is the credential.",
};
