import { once } from "node:events";
import { get } from "node:http";
import { createServer } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Reply } from "../../lib/store/http-response.js";

function read(pieces: readonly Buffer[]): Reply | undefined {
  const reply = new Reply();
  const whole = pieces.map((piece) => reply.take(piece)).at(-1);
  return whole || reply.end() ? reply : undefined;
}

const text = (...lines: string[]) => Buffer.from(lines.join("\r\n"), "latin1");
const ok = (headers: string, body = "") => text("HTTP/1.1 200 OK", headers, "", body);

/** Cuts bytes at places that are drawn. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
}

const body = fc.string({ unit: "grapheme", maxLength: 300 });
const places = fc.array(fc.nat(), { maxLength: 12 });
const framing = fc.constantFrom("length", "chunks", "close");
const drawn = fc.record({
  framing,
  body,
  places,
  chunks: places,
  interim: fc.boolean(),
  status: fc.integer({ min: 200, max: 599 }),
});

/** Writes a response as a server might, by a framing that is drawn. */
function write(it: typeof drawn extends fc.Arbitrary<infer Drawn> ? Drawn : never): Buffer {
  const bytes = Buffer.from(it.status === 204 || it.status === 304 ? "" : it.body);
  const parts: (string | Buffer)[] = [
    it.interim ? text("HTTP/1.1 103 Early Hints", "Link: </a>", "", "") : "",
    text(`HTTP/1.1 ${it.status} Whatever`, ""),
  ];
  const chunks = it.framing === "chunks" ? cut(bytes, it.chunks).filter((chunk) => chunk.length > 0) : [];
  if (it.framing === "length") parts.push(text(`content-length: ${bytes.length}`, "", ""), bytes);
  if (it.framing === "close") parts.push(text("Connection: close", "", ""), bytes);
  if (it.framing === "chunks") parts.push(text("Transfer-Encoding: Chunked", "", ""));
  for (const [i, chunk] of chunks.entries())
    parts.push(`${chunk.length.toString(16)}${i % 2 ? ";a=b" : ""}\r\n`, chunk, "\r\n");
  if (it.framing === "chunks" && it.status !== 204 && it.status !== 304)
    parts.push(text("0", "Expires: never", "", ""));
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

describe("a reply", () => {
  it("is the same however it is framed and cut", () => {
    fc.assert(
      fc.property(drawn, (it) => {
        const reply = read(cut(write(it), it.places));
        const expected = it.status === 204 || it.status === 304 ? "" : it.body;
        expect({ status: reply?.status, text: reply?.text }).toEqual({
          status: it.status,
          text: Buffer.from(expected).toString(),
        });
      }),
      { numRuns: 500 },
    );
  });

  it("is what Node's own client reads from the same bytes", async () => {
    let bytes: Buffer = Buffer.alloc(0);
    const server = createServer((socket) => void socket.on("error", () => {}).once("data", () => socket.end(bytes)));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await fc.assert(
      fc.asyncProperty(drawn, async (it) => {
        bytes = write(it);
        const [response] = await once(get({ port, host: "127.0.0.1", agent: false }), "response");
        let theirs = "";
        for await (const piece of response.setEncoding("utf8")) theirs += piece;
        const ours = read([bytes]);
        expect({ status: ours?.status, text: ours?.text }).toEqual({ status: response.statusCode, text: theirs });
      }),
      { numRuns: 150 },
    );
    server.close();
  });

  it("is not whole before its last byte", () => {
    const whole = [ok("Content-Length: 5", "hello"), ok("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n")];
    for (const bytes of whole) {
      const reply = new Reply();
      const taken = [...bytes].map((byte) => reply.take(Buffer.from([byte])));
      expect(taken.indexOf(true)).toBe(bytes.length - 1);
      expect(reply.text).toBe("hello");
      expect(read([bytes.subarray(0, -1)])).toBeUndefined();
    }
  });

  it.each([
    ["HTTP/2 200\r\n\r\n"],
    ["SSH-2.0-OpenSSH_9.2\r\n\r\n"],
    ["HTTP/1.1 20 OK\r\n\r\n"],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"],
    ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"],
    ["HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"],
    ["HTTP/1.1 200 OK\r\nContent-Length: 0x10\r\n\r\n"],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\n"],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n"],
    [`HTTP/1.1 200 OK\r\nX: ${"x".repeat(20_000)}`],
    [`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${"x".repeat(2_000)}`],
  ])("is refused when it is none: %j", (bytes) => {
    expect(() => read([Buffer.from(bytes)])).toThrow("Cannot read a response");
  });

  it("tells for how long the connection may be kept", () => {
    const kept = (bytes: Buffer) => read([bytes])?.keepMs;
    expect(kept(ok("Content-Length: 0"))).toBe(Number.POSITIVE_INFINITY);
    expect(kept(ok("Content-Length: 0\r\nKeep-Alive: timeout=5, max=100"))).toBe(4_000);
    expect(kept(ok("Content-Length: 0\r\nConnection: Close"))).toBe(0);
    expect(kept(text("HTTP/1.0 200 OK", "Content-Length: 0", "", ""))).toBe(0);
    expect(kept(ok("Server: x", "to the end"))).toBe(0);
    expect(kept(ok("Content-Length: 2", "ok and more"))).toBe(0);
  });
});
