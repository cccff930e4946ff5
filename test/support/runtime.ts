import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as v from "valibot";
import { serve } from "../../local/serve.js";

// A program: one built function in a process of its own, called as the platform's launcher calls it. Prints its URL.

const [folder = "."] = process.argv.slice(2);
const { handler } = v.parse(
  v.object({ handler: v.string() }),
  JSON.parse(await readFile(resolve(folder, ".vc-config.json"), "utf8")),
);
const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(resolve(folder, handler)).href);
const server = await serve({
  host: "127.0.0.1",
  port: 0,
  chat: { base: "", fetch: (request) => call(module, request) },
  folder,
});
process.once("SIGTERM", async () => {
  await server.stop();
  process.exit(0);
});
process.stdout.write(`Serving on ${server.url}, from ${folder}\n`);

function call(module: Readonly<Record<string, unknown>>, request: Request): Promise<Response> {
  const handler = module[request.method];
  if (typeof handler !== "function") throw new Error(`The function has no handler for ${request.method}`);
  return handler(request);
}
