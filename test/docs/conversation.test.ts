import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chat, type NodeHandler, type NodeRequest } from "../../lib/mount/node.js";
import { onPath } from "../../local/redis.js";
import { blocksOf } from "./markdown.js";

// The blocks of docs/http.md in other languages, as they stand there, against a chat.

const SECRET = "a secret that has thirty-two bytes";
const blocks = blocksOf({ path: "docs/http.md", text: readFileSync("docs/http.md", "utf8") });
const codeOf = (language: string) => blocks.find((block) => block.language === language)?.code ?? "";
const run = promisify(execFile);

let handler: NodeHandler<NodeRequest>;
let server: Server;
let url: string;

beforeAll(async () => {
  handler = chat({ guests: true, jwtSecret: SECRET, log: "silent" });
  server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
});

afterAll(() => {
  handler.close();
  server.close().closeAllConnections();
});

test.runIf(onPath("curl") && onPath("bash"))("the conversation by curl brings the message", async () => {
  const script = codeOf("sh").replace("http://localhost:3000", url);
  const { stdout } = await run("bash", ["-euo", "pipefail", "-c", script]);
  const answer = JSON.parse(stdout.slice(stdout.lastIndexOf('{"timestamp"')));
  const message = { text: "Hello, Ben", sender: expect.objectContaining({ displayName: "Ann" }) };
  expect(answer.stanzas).toContainEqual(expect.objectContaining({ message: expect.objectContaining(message) }));
});

test.runIf(onPath("python3"))("the Python signs a session and gets a chat token", async () => {
  const script = `${codeOf("python")}\nprint(json.dumps(chat_token("user,17", "Ann")))`;
  expect(JSON.parse(await output("python3", "-c", script))).toMatchObject(TOKEN);
});

test.runIf(onPath("php"))("the PHP signs a session and gets a chat token", async () => {
  const script = `${codeOf("php").replace("<?php", "")}\necho chat_token("user,17", "Ann");`;
  expect(JSON.parse(await output("php", "-r", script))).toMatchObject(TOKEN);
});

const TOKEN = { token: expect.stringMatching(/^[0-9a-f-]{36}$/), actor: { id: "user,17", displayName: "Ann" } };

async function output(program: string, ...args: string[]): Promise<string> {
  const environment = { PATH: process.env.PATH, HOME: process.env.HOME, CHAT_URL: url, CHAT_JWT_SECRET: SECRET };
  return (await run(program, args, { env: environment })).stdout;
}
