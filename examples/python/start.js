import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { chat } from "nereid-chat/node";

// Starts a chat that stands for a deployment, at the next port, and app.py beside it. Of a deployment, app.py needs no more than
// CHAT_URL and CHAT_JWT_SECRET, and no Node.

const port = Number(process.env.PORT ?? 3000);
const jwtSecret = randomBytes(32).toString("base64url");
const env = { ...process.env, PORT: `${port}`, CHAT_URL: `http://localhost:${port + 1}`, CHAT_JWT_SECRET: jwtSecret };

createServer(chat({ origins: [`http://localhost:${port}`], jwtSecret })).listen(port + 1, "localhost");
const python = spawn("python3", ["app.py"], { env, stdio: "inherit" });
python.once("error", (error) => {
  process.stderr.write(`Cannot start python3: ${error.message}\n`);
  process.exit(1);
});
python.once("exit", (code) => process.exit(code ?? 0));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => python.kill());
