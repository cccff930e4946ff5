import { createServer } from "node:http";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digest } from "../../lib/store/keys.js";
import { chat } from "../support/chat.js";
import { inProcess } from "../support/in-process.js";
import { type Outsider, outsider, somebody } from "../support/outsider.js";

// PROFILE §6: previews of links.

const server = inProcess();
const without = inProcess({ previews: false });
const limited = inProcess({ rateSend: 10 });
let ann: Outsider;
let asked = 0;
const page = createServer((_, response) => {
  asked += 1;
  response.writeHead(200, { "content-type": "text/html" }).end("<title>Inside</title>");
});
beforeAll(async () => {
  ann = await outsider(server, somebody("ann"));
  await new Promise<void>((resolve) => page.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  page.close();
  await Promise.all([server.stop(), without.stop(), limited.stop()]);
});

const preview = (body: unknown, who: Outsider = ann) => who.call("POST", "previews", body);
const problem = (status: number, code: string) => ({ status, json: { status, code } });

describe("the preview of a link", () => {
  it("is what the page says of itself, kept for a day for all who link to it", async () => {
    const url = `https://example.com/${crypto.randomUUID()}?q=1`;
    const head = { title: "Tea", description: "All of it", site: "Example" };
    await chat.store.transact(v.tuple([v.unknown()]), (batch) =>
      batch.set(chat.keys.preview(digest(url)), JSON.stringify(head), { ex: 60 }),
    );
    expect(await preview({ url })).toMatchObject({ status: 200, json: { url, ...head } });
    expect(await preview({ url: `${url}#part` })).toMatchObject({ status: 200, json: { url: `${url}#part`, ...head } });
  });

  it("never leads to this machine or its network", async () => {
    const address = page.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    for (const host of ["localhost", "127.0.0.1", "[::1]", "2130706433", "169.254.169.254", "10.0.0.1"]) {
      expect(await preview({ url: `http://${host}:${port}/` })).toMatchObject(problem(404, "not_found"));
      expect(await preview({ url: `http://${host}/` })).toMatchObject(problem(404, "not_found"));
    }
    expect(asked).toBe(0);
  });

  it.each([
    [{ url: "/relative" }, "url"],
    [{ url: "javascript:alert(1)" }, "url"],
    [{ url: "ftp://example.com/" }, "url"],
    [{ url: `https://example.com/${"x".repeat(2_048)}` }, "url"],
    [{ url: 1 }, "url"],
    [{}, "url"],
  ])("is not made of %j", async (body, path) => {
    const reply = await preview(body);
    expect(reply).toMatchObject({ status: 400, json: { code: "invalid", issues: [{ path }] } });
  });

  it("is for those who have a credential, and counts ten towards what they may write", async () => {
    expect(await server.call("POST", "previews", { body: { url: "https://example.com/" } })).toMatchObject({
      status: 401,
    });
    const ben = await outsider(limited, somebody("ben"));
    const replies = [];
    for (let i = 0; i < 6; i++) replies.push(await preview({ url: "http://10.0.0.1/" }, ben));
    expect(replies.at(-1)).toMatchObject(problem(429, "rate_limited"));
  });

  it("can be turned off", async () => {
    const cid = await outsider(without, somebody("cid"));
    expect(await preview({ url: "https://example.com/" }, cid)).toMatchObject(problem(404, "not_found"));
  });
});
