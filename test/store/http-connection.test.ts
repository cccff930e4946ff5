import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer as createTlsServer } from "node:https";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Connection } from "../../lib/store/http-connection.js";
import { onPath } from "../../local/redis.js";

let server: Server;
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

/** A server that answers what it is sent with what it is told to, and one connection to it. */
async function connect(answer: (asked: string, socket: Socket) => void) {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("data", (piece) => answer(piece.toString(), socket));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return new Connection({ host: "127.0.0.1", port: portOf(server), secure: false });
}

function portOf(listening: Server): number {
  const address = listening.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe("a connection", () => {
  it("carries one request after the other", async () => {
    const asked: string[] = [];
    const connection = await connect((it, socket) => {
      asked.push(it);
      socket.write(OK);
    });
    for (const request of ["one", "two"]) expect((await connection.ask(request, 1_000)).text).toBe("ok");
    expect(asked).toEqual(["one", "two"]);
    expect([connection.free, sockets.size]).toEqual([true, 1]);
  });

  it("rejects when the answer is late, broken off, or none at all, and is of no use then", async () => {
    for (const answer of ["", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", "nonsense\r\n\r\n"]) {
      const connection = await connect((_, socket) => void socket.write(answer));
      await expect(connection.ask("one", 50)).rejects.toThrow("ended before its answer");
      expect(connection.free).toBe(false);
      server.close();
    }
    const connection = await connect((_, socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"));
    await expect(connection.ask("one", 5_000)).rejects.toThrow("ended before its answer");
  });

  it("is not kept longer than the other side says, nor after it spoke unasked", async () => {
    const closing = await connect(
      (_, socket) => void socket.write(OK.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")),
    );
    await closing.ask("one", 1_000);
    expect(closing.free).toBe(false);
    server.close();
    const chatty = await connect((_, socket) => void socket.write(OK));
    await chatty.ask("one", 1_000);
    for (const socket of sockets) socket.write(OK);
    await expect.poll(() => chatty.free).toBe(false);
  });

  it("is not kept for longer than a minute: whoever was frozen for that long asks anew", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const connection = await connect((_, socket) => void socket.write(OK));
      await connection.ask("one", 1_000);
      vi.setSystemTime(Date.now() + 59_000);
      expect(connection.free).toBe(true);
      vi.setSystemTime(Date.now() + 2_000);
      expect(connection.free).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it("rejects when nobody is there", async () => {
    await connect(() => {});
    const port = portOf(server);
    server.close();
    await once(server, "close");
    await expect(new Connection({ host: "127.0.0.1", port, secure: false }).ask("one", 1_000)).rejects.toThrow();
  });

  // CI has it, and must not pass without.
  it.skipIf(process.env.CI !== "true" && !onPath("openssl"))(
    "speaks TLS, to whom a certificate is made out, and to nobody else; and keeps no process alive",
    async () => {
      const dir = await mkdtemp(join(tmpdir(), "tls-"));
      const [key, cert] = [join(dir, "key"), join(dir, "cert")];
      const made = spawn("openssl", [
        ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-keyout", key, "-out", cert],
        ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
      ]);
      expect(await once(made, "close")).toEqual([0, null]);
      const secure = createTlsServer({ key: await readFile(key), cert: await readFile(cert) }, (_, response) =>
        response.end("ok"),
      );
      await once(secure.listen(0, "127.0.0.1"), "listening");
      server = secure;
      const ask = async (host: string) => {
        const module = new URL("../../dist/lib/store/http-connection.js", import.meta.url).href;
        const request = JSON.stringify("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        const code = `const { Connection } = await import("${module}");
        const connection = new Connection({ host: "${host}", port: ${portOf(secure)}, secure: true });
        console.log(await connection.ask(${request}, 2000).then((it) => it.text, () => "refused"));`;
        const env = { ...process.env, NODE_EXTRA_CA_CERTS: cert };
        const child = spawn(process.execPath, ["--input-type=module", "--eval", code], { env });
        let said = "";
        child.stdout.on("data", (piece) => {
          said += piece;
        });
        expect(await once(child, "close")).toEqual([0, null]);
        return said.trim();
      };
      expect([await ask("localhost"), await ask("127.0.0.1")]).toEqual(["ok", "refused"]);
      await rm(dir, { recursive: true });
    },
  );
});
