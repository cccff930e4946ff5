import { randomUUID } from "node:crypto";
import { createServerApi } from "../lib/backend/server-api.js";
import { createChat } from "../lib/chat.js";
import { backend } from "./support/backend.js";
import { SECRET } from "./support/site.js";

// How long it takes to import 100,000 messages into 100 threads, through the server API in process, on a Redis of this machine.

const THREADS = 100;
const MESSAGES = 1_000;

const store = await backend();
const chat = createChat({ jwtSecret: SECRET, rateSend: 1_000_000 }, { ...store.environment });
const server = createServerApi(({ path, ...init }) =>
  chat.ask(new Request(`http://chat.local/nereid-chat${path}`, init)),
);
const began = performance.now();
let imported = 0;
for (let i = 0; i < THREADS; i++) {
  const id = `import-${i}`;
  await server.createThread({ kind: "room", id, members: ["user,2"] }, { as: "user,1" });
  const messages = Array.from({ length: MESSAGES }, (_, j) => ({
    id: randomUUID(),
    sender: `user,${1 + (j % 2)}`,
    timestamp: new Date(Date.UTC(2020, 0, 1) + j * 1_000).toISOString(),
    text: `Message ${j}`.padEnd(100, "."),
  }));
  imported += (await server.importMessages(id, messages)).imported;
}
const seconds = (performance.now() - began) / 1_000;
console.log(`${imported} messages in ${seconds.toFixed(1)} s: ${Math.round(imported / seconds)} a second`);
chat.close();
await store.stop();
