import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { NoAnswer, Rest } from "../../lib/store/upstash-rest.js";

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

type Asked = { path: string; body: unknown };

/** A store that remembers what it was asked, and answers as told. */
async function store(answer: (asked: Asked) => { status?: number; body?: string; afterMs?: number } | undefined) {
  const asked: Asked[] = [];
  server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const it = { path: request.url ?? "", body: JSON.parse(text) };
    asked.push(it);
    const { status = 200, body, afterMs = 0 } = answer(it) ?? {};
    const echo =
      Array.isArray(it.body) && Array.isArray(it.body[0]) ? it.body.map((result) => ({ result })) : { result: it.body };
    setTimeout(() => response.writeHead(status).end(body ?? JSON.stringify(echo)), afterMs);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return { asked, rest: new Rest(`http://127.0.0.1:${port}`, "secret", 300) };
}

const command = (name: string) => ({ body: [name] });

describe("Rest", () => {
  it("sends a single command at once, as one", async () => {
    const { asked, rest } = await store(() => undefined);
    expect(await rest.request(command("A"))).toEqual({ result: ["A"] });
    expect(asked).toEqual([{ path: "/", body: ["A"] }]);
  });

  it("sends what comes meanwhile together, in order, each with its own result", async () => {
    const { asked, rest } = await store(() => ({ afterMs: 10 }));
    const results = await Promise.all(["A", "B", "C", "D"].map((name) => rest.request(command(name))));
    expect(results).toEqual(["A", "B", "C", "D"].map((name) => ({ result: [name] })));
    expect(asked).toEqual([
      { path: "/", body: ["A"] },
      { path: "/pipeline", body: [["B"], ["C"], ["D"]] },
    ]);
  });

  it("does not wait for a store that is slow", async () => {
    const { asked, rest } = await store(({ body }) => ({ afterMs: JSON.stringify(body) === '["A"]' ? 150 : 0 }));
    const slow = rest.request(command("A"));
    await rest.request(command("B"));
    expect(asked).toHaveLength(2);
    await slow;
  });

  it("gives each its own error", async () => {
    const { rest } = await store(({ path }) =>
      path === "/pipeline" ? { body: '[{"error":"ERR no"},{"result":1}]' } : { afterMs: 20 },
    );
    const [, b, c] = await Promise.all(["A", "B", "C"].map((name) => rest.request(command(name))));
    expect([b, c]).toEqual([{ error: "ERR no" }, { result: 1 }]);
  });

  it("answers an error of the store as one", async () => {
    const { rest } = await store(() => ({ status: 400, body: '{"error":"ERR no"}' }));
    expect(await rest.request(command("A"))).toEqual({ error: "ERR no" });
  });

  it("goes on after a failure", async () => {
    let first = true;
    const { rest } = await store(() => {
      const answer = first ? { status: 503 } : undefined;
      first = false;
      return answer;
    });
    const [a, b] = await Promise.allSettled([rest.request(command("A")), rest.request(command("B"))]);
    expect(a).toMatchObject({ status: "rejected", reason: expect.any(NoAnswer) });
    expect(b).toEqual({ status: "fulfilled", value: { result: ["B"] } });
  });

  it("gives up on a store that is silent, busy, or talks nonsense, and names nothing of what it was asked", async () => {
    for (const answer of [{ afterMs: 5_000 }, { status: 429 }, { body: "<html>" }]) {
      const { rest } = await store(() => answer);
      const error = await rest.request({ body: ["SET", "key", "a secret text"] }).catch((it: unknown) => it);
      expect(error).toBeInstanceOf(NoAnswer);
      expect(`${error}`).not.toContain("secret");
      server.closeAllConnections();
      server.close();
    }
  });
});
