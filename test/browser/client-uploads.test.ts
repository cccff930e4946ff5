import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asPage, type Outsider, outsider, somebody } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { openSite } from "./opened-site.js";

const folder = join(tmpdir(), `chat-files-${randomBytes(6).toString("hex")}`);

// What only a browser does: uploads that tell how far they are, files that outlive the page, and photos that are made smaller.
describe.skipIf(!found)(named("client.js and files"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let ann: Outsider;
  let thread: string;
  beforeAll(async () => {
    const opened = await openSite({ CHAT_FILES_FOLDER: folder });
    ({ server, browser } = opened);
    return async () => {
      await opened.close();
      await rm(folder, { recursive: true, force: true });
    };
  });
  beforeEach(async () => {
    ann = await outsider(server, somebody("ann"));
    const ben = await outsider(server, somebody("ben"));
    ({ thread } = await ann.say({ to: [ben.entity], text: "Look" }));
    context = await browser.newContext();
    page = await context.newPage();
    await context.route(`${server.url}/blank`, (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html><title>A page</title>" }),
    );
  });
  afterEach(() => context?.close());

  /** Opens a page, anew if it is open, on which Ann is connected. */
  async function open(before = ""): Promise<void> {
    await page.goto(`${server.url}/blank`);
    const settings = JSON.stringify({ token: ann.token, thread });
    await page.evaluate(`(async () => {
      ${before};
      const { connect } = await import("/nereid-chat/client.js");
      const { token, thread } = ${settings};
      window.chat = connect({ token });
      window.told = [];
      chat.on("upload", ({ file, sent, size }) => told.push([file, sent, size]));
      window.say = (...names) => {
        const files = names.map((name) => ({ content: new Blob([name.repeat(300_000)], { type: "text/plain" }), name }));
        void chat.send({ thread, files }).catch(() => {});
      };
    })()`);
  }

  const names = async () => {
    const { messages } = asPage(await ann.call("GET", `threads/${thread}/messages`));
    return messages.flatMap(({ attachments }) => (Array.isArray(attachments) ? attachments : [])).map((it) => it.name);
  };

  it("tell how far an upload is", async () => {
    await open();
    await page.evaluate('say("a.txt")');
    await expect.poll(names).toEqual(["a.txt"]);
    const size = 300_000 * "a.txt".length;
    expect(await page.evaluate("told.at(-1)")).toEqual([0, size, size]);
    expect(await page.evaluate("told.every(([, sent, size]) => sent <= size)")).toBe(true);
  });

  it("go on after a reload in the middle of an upload, without what was uploaded before", async () => {
    const puts: string[] = [];
    let held = true;
    await context.route("**/content?*", (route) => {
      const { length = 0 } = route.request().postDataBuffer() ?? {};
      puts.push(`${length}`);
      return held && puts.length > 1 ? undefined : route.continue();
    });
    await open();
    await page.evaluate('say("a.txt", "bb.txt")');
    await expect.poll(() => puts.length).toBe(2);
    // The first one is noted when it is there.
    await expect.poll(() => page.evaluate("told.some(([, sent, size]) => sent === size)")).toBe(true);
    await page.evaluate("new Promise((resolve) => setTimeout(resolve, 500))");
    expect(await names()).toEqual([]);
    held = false;
    await open();
    await expect.poll(names).toEqual(["a.txt", "bb.txt"]);
    expect(puts).toHaveLength(3);
  });

  it("are uploaded although the browser's locks never answer", async () => {
    await open("navigator.locks.request = () => new Promise(() => {})");
    await page.evaluate('say("a.txt")');
    await expect.poll(names, { timeout: 20_000 }).toEqual(["a.txt"]);
  });

  it("are photos of the size of a screen, with their dimensions", async () => {
    await open();
    const sent = await page.evaluate(`(async () => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 3_000, height: 1_500 });
      const pixels = new ImageData(3_000, 1_500);
      for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = i % 4 === 3 ? 255 : Math.random() * 256;
      canvas.getContext("2d").putImageData(pixels, 0, 0);
      const content = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
      const { width, height, size, contentType } = await chat.upload(new File([content], "noise.jpg", { type: "image/jpeg" }));
      return { width, height, contentType, smaller: size < content.size };
    })()`);
    expect(sent).toEqual({ width: 2_560, height: 1_280, contentType: "image/jpeg", smaller: true });
  });
});
