import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { FastResponse } from "srvx/node";
import { createChat } from "../lib/chat.js";
import { prepare } from "./environment.js";
import { greet } from "./greeting.js";
import { isLoopback, proof } from "./proof/proof.js";
import { parseHeaders } from "./public-headers.js";
import { serve } from "./serve.js";

// The program behind `npm start`: the functions and public files of this project, with a store that needs no account.

const root = new URL("../../", import.meta.url);
const { HOST: host = "localhost", PORT = "3000" } = process.env;

// Node's Response copies every body through a stream; like the platform, use a faster one.
globalThis.Response = Object.assign(FastResponse, { error: Response.error, redirect: Response.redirect });

try {
  await start();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

async function start(): Promise<void> {
  const headers = parseHeaders(await readFile(new URL("vercel.json", root), "utf8"));
  const { environment, store } = await prepare(process.env);
  const chat = createChat({}, environment);
  const folder = fileURLToPath(new URL("public", root));
  const shown = isLoopback(host) ? proof(fileURLToPath(new URL("local/proof", root)), store.local) : undefined;
  const beside = shown === undefined ? {} : { beside: shown.answer };
  const server = await serve({
    host,
    port: Number(PORT),
    chat: { base: environment.CHAT_BASE_PATH ?? "/nereid-chat", fetch: chat.fetch },
    folder,
    headers,
    ...beside,
  });
  const end = async () => {
    await shown?.stop();
    chat.close();
    await server.stop();
    await store.stop();
    process.exit(0);
  };
  process.once("SIGTERM", end);
  // A server that another program started ends with that program.
  process.once("disconnect", end);
  process.once("SIGINT", () => process.kill(process.pid, "SIGTERM"));
  console.log(`Serving on ${server.url}, with ${store.name}\n`);
  if (shown !== undefined && store.local !== undefined) {
    console.log(`Kill a server under 200 bots: ${server.url}/proof\n`);
  }
  // The output of a server that others can reach may be logged, and no log may hold a token.
  if (isLoopback(host)) console.log(await greet(server.url));
}
