import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { chat } from "nereid-chat/node";

// Two origins: a site of static files and, at the next port, a chat that stands for a deployment. Set CHAT_URL to use a deployment of your
// own, which has CHAT_GUESTS=1 and the site's origin in CHAT_ORIGINS.

const port = Number(process.env.PORT ?? 3000);
const origin = `http://localhost:${port}`;
const deployment = process.env.CHAT_URL ?? startChat(port + 1);
const TYPES = { "/": ["index.html", "text/html; charset=utf-8"], "/page.js": ["page.js", "text/javascript"] };

createServer(async ({ url }, response) => {
  const [file, type] = TYPES[new URL(url, origin).pathname] ?? [];
  if (file === undefined) return response.writeHead(404).end();
  const text = await readFile(new URL(`site/${file}`, import.meta.url), "utf8");
  response.writeHead(200, { "Content-Type": type }).end(text.replaceAll("https://chat.example.com", deployment));
}).listen(port, "localhost", () => process.stdout.write(`Serving on ${origin}, with the chat of ${deployment}\n`));

function startChat(port) {
  const jwtSecret = process.env.CHAT_JWT_SECRET ?? randomBytes(32).toString("base64url");
  createServer(chat({ guests: true, origins: [origin], jwtSecret })).listen(port, "localhost");
  return `http://localhost:${port}`;
}
