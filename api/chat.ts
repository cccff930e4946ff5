import { type Chat, createChat } from "../lib/chat.js";

// The deployment: one function responds to every path of the chat (vercel.json), so that one warm instance sends, streams and caches
// tokens. It exports every method, so that the chat itself refuses one, with a problem document.

let chat: Chat | undefined;

/** Creates the chat with the first request: importing this file has no effect, and a wrong setting is named in the log of that request. */
function respond(request: Request): Promise<Response> {
  chat ??= start();
  return chat.fetch(request);
}

function start(): Chat {
  const started = createChat();
  // Vercel allows 500 ms between this signal and the end.
  process.once("SIGTERM", () => started.close());
  return started;
}

export const GET = respond;
export const HEAD = respond;
export const POST = respond;
export const PUT = respond;
export const PATCH = respond;
export const DELETE = respond;
export const OPTIONS = respond;
