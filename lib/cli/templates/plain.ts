import { HTML_PAGE } from "./page.js";
import { ABOUT_GUESTS, type Template } from "./template.js";

/** A server of its own, of Node alone, and a page with the widget. */
export function plain(): Template {
  return {
    files: [
      { path: "chat-server.mjs", text: SERVER },
      { path: "chat.html", text: HTML_PAGE },
    ],
    steps: ["Run `node chat-server.mjs`, and open http://localhost:3000", ABOUT_GUESTS],
  };
}

const SERVER = `import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { chat } from "nereid-chat/node";

const chatHandler = chat({ guests: true });
const { PORT = "3000" } = process.env;

const server = createServer((request, response) =>
  chatHandler(request, response, async () => {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(await readFile(new URL("chat.html", import.meta.url)));
  }),
);
server.listen(Number(PORT), () => console.log(\`Serving on http://localhost:\${PORT}\`));
`;
