import { randomBytes } from "node:crypto";
import cookieSession from "cookie-session";
import express from "express";
import { chat } from "nereid-chat/node";

// A shop with a chat, in one process and at one origin. Its log-in takes any name, and stands for that of a real application.

const { PORT = "3000", SESSION_SECRET = randomBytes(32).toString("hex") } = process.env;

const app = express();
app.use(cookieSession({ name: "session", secret: SESSION_SECRET, sameSite: "lax" }));
app.use(express.json(), express.urlencoded());
app.use(chat({ user: (_, request) => request.session.user }));

app.post("/login", (request, response) => {
  const displayName = `${request.body.name}`.trim().slice(0, 64);
  request.session.user = { id: displayName.toLowerCase(), displayName };
  response.redirect(303, request.get("referer") ?? "/");
});

app.get("/", (request, response) => {
  response.send(request.session.user === undefined ? page(LOGIN) : page(widget(request.query.to)));
});

app.listen(Number(PORT), "127.0.0.1", () => process.stdout.write(`Serving on http://localhost:${PORT}\n`));

const LOGIN = `<form method="post" action="/login">
  <label>Your name <input name="name" required></label> <button type="submit">Log in</button>
</form>`;

/** The whole chat or, with `to`, the one conversation with that user. */
function widget(to) {
  const attribute = typeof to === "string" && /^[\w.-]+$/.test(to) ? ` to="${to}"` : "";
  return `<script src="/nereid-chat/chat.js" defer></script>
<nereid-chat${attribute}></nereid-chat>`;
}

function page(body) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A shop with a chat</title></head>
<body><h1>A shop</h1>${body}</body></html>`;
}
