import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { readPage } from "../../lib/chat/public-page.js";

const ends: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

type Serve = (request: IncomingMessage, response: ServerResponse) => unknown;
const HTML = { "content-type": "text/html; charset=utf-8" };

async function server(serve: Serve) {
  const asked: IncomingMessage[] = [];
  const it = createServer((request, response) => {
    asked.push(request);
    serve(request, response);
  });
  await new Promise<void>((resolve) => it.listen(0, "127.0.0.1", resolve));
  ends.push(
    () => it.closeAllConnections(),
    () => it.close(),
  );
  const address = it.address();
  const url = `http://localhost:${typeof address === "object" && address !== null ? address.port : 0}/`;
  return { asked, url };
}

describe("a page that is read for its head", () => {
  test("is asked for without anything of the user, and decoded as it says", async () => {
    const { asked, url } = await server((_, response) => {
      response.writeHead(200, { "content-type": "text/html; charset=windows-1251" });
      response.end(Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]));
    });
    expect(await readPage(`${url}?q=1`, "loopback")).toBe("Привет");
    expect(asked[0]?.url).toBe("/?q=1");
    expect(Object.keys(asked[0]?.headers ?? {}).sort()).toEqual([
      "accept",
      "accept-encoding",
      "connection",
      "host",
      "user-agent",
    ]);
  });

  test("may name its encoding in itself, and a wrong one is read as UTF-8", async () => {
    const texts = ['<meta charset="koi8-r">\xc1', '<meta charset="none">\xc3\xa9'];
    const { url } = await server((_, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end(Buffer.from(texts.shift() ?? "", "latin1")),
    );
    expect(await readPage(url, "loopback")).toBe('<meta charset="koi8-r">а');
    expect(await readPage(url, "loopback")).toBe('<meta charset="none">é');
  });

  test.each([
    "http://localhost/",
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[fd00::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://example.com:8080/",
    "https://ann:secret@example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
  ])("is none of the public web: %s", async (url) => {
    await expect(readPage(url)).rejects.toThrow(/private|web|user/);
  });

  test("is not read after a redirect to a private address, and after at most three redirects", async () => {
    const { asked, url } = await server(({ url }, response) => {
      const location = url === "/private" ? "http://10.0.0.1/" : `/${"x".repeat((url ?? "").length)}`;
      response.writeHead(302, { location }).end();
    });
    await expect(readPage(`${url}private`, "loopback")).rejects.toThrow("The address is private");
    expect(asked).toHaveLength(1);
    await expect(readPage(url, "loopback")).rejects.toThrow("The response is no page: 302");
    expect(asked).toHaveLength(5);
  });

  test("is read after a redirect", async () => {
    const { url } = await server(({ url }, response) =>
      url === "/end" ? response.writeHead(200, HTML).end("End") : response.writeHead(301, { location: "/end" }).end(),
    );
    expect(await readPage(url, "loopback")).toBe("End");
  });

  test.each<[string, Serve]>([
    ["an error", (_, response) => response.writeHead(404, HTML).end()],
    ["another type", (_, response) => response.writeHead(200, { "content-type": "image/png" }).end("x")],
    ["no type", (_, response) => response.writeHead(200).end("x")],
    ["an encoding", (_, response) => response.writeHead(200, { ...HTML, "content-encoding": "gzip" }).end("x")],
    [
      "a cut",
      (_, response) => response.writeHead(200, { ...HTML, "content-length": "9" }).write("x", () => response.destroy()),
    ],
    ["silence", () => {}],
    ["a body without an end", (_, response) => response.writeHead(200, HTML).write("x")],
  ])("is none with %s, and nothing waits for ever", async (_, serve) => {
    const { url } = await server(serve);
    await expect(readPage(url, "loopback", 300)).rejects.toThrow();
  });

  test("is read up to 512 KiB", async () => {
    const { url } = await server(async (_, response) => {
      response.writeHead(200, HTML);
      while (!response.destroyed)
        if (!response.write("x".repeat(65_536)))
          await new Promise((go) => response.once("drain", go).once("close", go));
    });
    expect(await readPage(url, "loopback")).toHaveLength(512 * 1024);
  });
});
