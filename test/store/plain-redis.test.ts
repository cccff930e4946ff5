import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { type Site, site } from "../support/site.js";

// A REST bridge of somebody else's, which hands scripts to a plain Redis as they are: that refuses the flag for key locking.
let bridge: Server;
let server: Site;

beforeAll(async () => {
  const store = inject("bridge");
  if (store === undefined) throw new Error("Cannot test without a store");
  bridge = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    if (body.includes("#!lua")) {
      const refused = { error: "ERR Unexpected flag in script shebang: allow-key-locking" };
      const many = request.url === "/pipeline" ? JSON.parse(body).map(() => refused) : refused;
      response.writeHead(many === refused ? 400 : 200).end(JSON.stringify(many));
      return;
    }
    const answer = await fetch(`${store.url}${request.url}`, {
      method: "POST",
      headers: { authorization: request.headers.authorization ?? "", accept: request.headers.accept ?? "*/*" },
      body,
    });
    response.writeHead(answer.status);
    for await (const chunk of answer.body ?? []) response.write(chunk);
    response.end();
  });
  await new Promise<void>((resolve) => bridge.listen(0, "127.0.0.1", resolve));
  const address = bridge.address();
  const port = typeof address === "object" ? address?.port : undefined;
  server = await site({ url: `http://127.0.0.1:${port}`, token: store.token });
});
afterAll(async () => {
  await server.stop();
  bridge.closeAllConnections();
  bridge.close();
});

it("a store that does not know key locking is used without", async () => {
  const [ann, ben] = await Promise.all([server.token("ann"), server.token("ben")]);
  await server.call("POST", `send/${ann.token}`, { body: { type: "message", message: { to: ["ben"], text: "Hi" } } });
  const { text } = await server.call("GET", `stream/${ben.token}?cursor=${ben.cursor}`);
  expect(text).toContain('"text":"Hi"');
});
