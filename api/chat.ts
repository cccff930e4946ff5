import { type Chat, createChat } from "../lib/chat.js";

// The deployment: one function answers every path of the chat (vercel.json), so that one warm instance sends, streams and remembers
// tokens. The platform is given every method, so that it is the chat that refuses one, with a problem document.

let chat: Chat | undefined;

/** Makes the chat with the first request: importing this file does nothing, and a wrong setting is named in the log of that request. */
function answer(request: Request): Promise<Response> {
  chat ??= start();
  return chat.fetch(request);
}

function start(): Chat {
  const started = createChat();
  // Vercel allows 500 ms between this signal and the end.
  process.once("SIGTERM", () => started.close());
  return started;
}

export const GET = answer;
export const HEAD = answer;
export const POST = answer;
export const PUT = answer;
export const PATCH = answer;
export const DELETE = answer;
export const OPTIONS = answer;
