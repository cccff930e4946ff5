import { createServer } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../lib/config.js";
import { isReachable } from "../../lib/config-hooks.js";
import { SignedPost } from "../../lib/hooks/signed-post.js";
import { SECRET } from "../support/site.js";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function server(status: number, headers: Record<string, string> = {}, body = "") {
  const asked: string[] = [];
  const it = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(status, headers);
    response.end(body);
  });
  await new Promise<void>((resolve) => it.listen(0, "127.0.0.1", resolve));
  ends.push(
    () => it.closeAllConnections(),
    () => it.close(),
  );
  const address = it.address();
  return { asked, port: typeof address === "object" && address !== null ? address.port : 0 };
}

describe("a post to the host's server", () => {
  test.each(["localhost", "127.0.0.1.nip.invalid"])(
    "goes to no private address, by whatever name: %s",
    async (name) => {
      const { asked, port } = await server(204);
      const post = new SignedPost({ url: `http://${name}:${port}/`, secret, reachable: "public" });
      ends.push(() => post.close());
      await expect(post.post("1", "{}", 2_000)).rejects.toThrow();
      expect(asked).toEqual([]);
    },
  );

  test("goes to this machine by its name, where that is allowed", async () => {
    const { asked, port } = await server(204);
    const post = new SignedPost({ url: `http://localhost:${port}/`, secret, reachable: "loopback" });
    ends.push(() => post.close());
    expect(await post.post("1", "{}", 2_000)).toEqual({ status: 204, text: "" });
    expect(asked).toEqual(["/"]);
  });

  test("follows no redirect", async () => {
    const { port, asked } = await server(307, { location: "/elsewhere" });
    const post = new SignedPost({ url: `http://127.0.0.1:${port}/`, secret, reachable: "any" });
    ends.push(() => post.close());
    expect((await post.post("1", "{}", 2_000)).status).toBe(307);
    expect(asked).toEqual(["/"]);
  });

  test("takes no endless response", async () => {
    const { port } = await server(200, {}, "x".repeat(1_000_000));
    const post = new SignedPost({ url: `http://127.0.0.1:${port}/`, secret, reachable: "any" });
    ends.push(() => post.close());
    expect(await post.post("1", "{}", 2_000)).toEqual({ status: 200, text: undefined });
  });
});

describe("an address", () => {
  test.each([
    ...["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"],
    ...["255.255.255.255", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1"],
    ...["5f00::1", "3fff::1", "100:0:0:1::1", "fec0::1", "2001::1", "192.0.0.192", "192.88.99.1", "240.0.0.1"],
    ...["::ffff:10.0.0.1", "::ffff:a00:1", "64:ff9b::a00:1", "2002:a00:1::1", "::7f00:1", "not an address"],
    ...["::ffff:0:10.0.0.1", "64:ff9b:1::1", "100:0:0:1::1", "3fff::1", "5f00::1", "fec0::1"],
  ])("that is not of the public internet is not reached: %s", (address) => {
    expect(isReachable(address, "public")).toBe(false);
    expect(isReachable(address, "loopback")).toBe(/^(127|::1$)/.test(address));
    expect(isReachable(address, "any")).toBe(true);
  });

  test.each(["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])(
    "of the public internet is reached: %s",
    (address) => {
      expect(isReachable(address, "public")).toBe(true);
    },
  );
});

describe("a URL of the host's server", () => {
  const base = { UPSTASH_REDIS_REST_URL: "https://r.example", UPSTASH_REDIS_REST_TOKEN: "r", CHAT_JWT_SECRET: SECRET };
  const why = (environment: Record<string, string>) => {
    try {
      return `${parseConfig({}, { ...base, ...environment }).hooks.webhook?.url}`;
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
  };

  test.each([
    ["http://host.example/hook", "must start with https"],
    ["https://10.0.0.1/hook", "must not be the private address 10.0.0.1"],
    ["https://[::1]/hook", "must not be the private address ::1"],
    ["https://0x7f000001/hook", "must not be the private address 127.0.0.1"],
    ["https://ann:secret@host.example/hook", "must not contain a user or a password"],
  ])("is refused at start: %s", (url, reason) => {
    expect(why({ CHAT_WEBHOOK_URL: url })).toContain(`CHAT_WEBHOOK_URL ${reason}`);
    expect(why({ CHAT_BEFORE_URL: url })).toContain(`CHAT_BEFORE_URL ${reason}`);
  });

  test("may be private where the operator says so, and this machine's for the local server", () => {
    expect(why({ CHAT_WEBHOOK_URL: "http://10.0.0.1/", CHAT_WEBHOOK_PRIVATE: "1" })).toBe("http://10.0.0.1/");
    expect(why({ CHAT_WEBHOOK_URL: "http://127.0.0.1/", CHAT_STORE: "local" })).toBe("http://127.0.0.1/");
    expect(why({ CHAT_WEBHOOK_URL: "http://10.0.0.1/", CHAT_STORE: "local" })).toContain("private address");
  });

  test("needs a secret to sign with", () => {
    expect(
      why({ CHAT_WEBHOOK_URL: "https://host.example/", CHAT_JWT_SECRET: "", CHAT_JWKS_URL: "https://k.example" }),
    ).toContain("CHAT_");
    expect(why({ CHAT_WEBHOOK_URL: "https://host.example/", CHAT_WEBHOOK_SECRET: "short" })).toContain(
      "CHAT_WEBHOOK_SECRET must be whsec_",
    );
  });
});
