import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import * as v from "valibot";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { messages, outsider, somebody } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { openSite } from "./opened-site.js";
import { VECTORS } from "./vectors.js";

const TRAP = fileURLToPath(new URL("trap.js", import.meta.url));
const ENVELOPE = 20;
const Points = v.array(v.object({ x: v.number(), y: v.number() }));

describe.skipIf(!found)(named("messages in a page that inserts them as HTML"), () => {
  let server: Site;
  let browser: Browser;
  let trap: Trap;
  beforeAll(async () => {
    const opened = await openSite();
    ({ server, browser } = opened);
    trap = await setTrap(browser, server);
    return opened.close;
  });

  /** Sends texts from Ann, and returns what Ben's stream makes of them. */
  async function through(type: string, texts: readonly string[]): Promise<unknown[]> {
    const [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
    const received: unknown[] = [];
    let cursor = ben.cursor;
    // Read as it is sent: who stays away for hundreds of messages is told to read the history.
    for (let i = 0; i < texts.length; i += ENVELOPE) {
      const stanzas = texts
        .slice(i, i + ENVELOPE)
        // With a subject, a message is not empty when nothing of its text is left.
        .map((text) => ({ type: "message", message: { to: [ben.entity], type, text, subject: "XSS" } }));
      const reply = await ann.send({ stanzas });
      expect(reply.status, reply.text).toBe(200);
      const answer = await ben.poll(`?wait=0&cursor=${encodeURIComponent(cursor)}`);
      received.push(...messages(answer.stanzas).map((it) => it.text));
      cursor = answer.cursor;
    }
    return received;
  }

  it("of type html execute, load, link and submit nothing outside the list, whatever the reader does", async () => {
    expect(VECTORS.length).toBeGreaterThan(200);
    const received = await through("html", VECTORS);
    expect(received).toHaveLength(VECTORS.length);
    const caught: Record<string, string[]> = {};
    for (const [i, vector] of VECTORS.entries()) {
      const what = await trap.show(String(received[i]));
      if (what.length > 0) caught[`${vector} → ${received[i]}`] = what;
    }
    expect(caught).toEqual({});
  }, 120_000);

  // The trap is worth what it catches: the same vectors without the server between. Each says something else, in case one is told of late.
  it.each([
    ["a handler that fires by itself", "<img src=x:x onerror=alert(1)>", "alert(1)"],
    ["a handler that the mouse fires", "<b onmousemove=alert(2)>hover</b>", "alert(2)"],
    ["a script in a picture", "<svg onload=alert(3)>", "alert(3)"],
    ["a script in a frame", '<iframe srcdoc="<script>alert(4)</script>"></iframe>', "alert(4)"],
    [
      "a script that only the second parsing shows",
      "<noscript><p title='</noscript><img src=x:x onerror=alert(1)>'>",
      "<noscript>",
    ],
    ["a link that executes", "<a href=javascript:alert(5)>x</a>", "alert(5)"],
    ["a link that executes elsewhere", "<a href=javascript:alert(1) target=_blank>x</a>", "a page"],
    ["a picture", "<img src=https://evil.example/x.png>", "a request for https://evil.example/x.png"],
    [
      "a style",
      "<p style=background:url(https://evil.example/y.png)>x</p>",
      "a request for https://evil.example/y.png",
    ],
    [
      "a link that leaves",
      "<svg><a href=https://evil.example/link><text y=20>x</text></a></svg>",
      "a request for https://evil.example/link",
    ],
    [
      "a form",
      "<form action=https://evil.example/form><button>x</button></form>",
      "a request for https://evil.example/form?",
    ],
    [
      "a page that leaves by itself",
      "<meta http-equiv=refresh content='0;url=https://evil.example/refresh'>",
      "a request for https://evil.example/refresh",
    ],
    ["a ping", "<a href=https://a.example target=_blank rel=noopener ping=https://evil.example>x</a>", "<a ping>"],
    ["a name that hides the page's own", "<b id=location>x</b>", "<b id>"],
  ])("are caught by the trap without sanitising: %s", async (_, html, what) => {
    await trap.reset();
    const seen = await trap.show(html);
    // A page that is opened may be told of late, by a machine that has much to do.
    await vi.waitFor(() => expect(seen.concat(trap.caught())).toContain(what), { timeout: 30_000 });
  });

  it("are harmless because of the server: without it, most are caught", async () => {
    let harmful = 0;
    for (let i = 0; i < VECTORS.length; i += 10) {
      await trap.reset();
      if ((await trap.show(VECTORS[i] ?? "")).length > 0) harmful += 1;
    }
    expect(harmful).toBeGreaterThan(VECTORS.length / 10 / 2);
  }, 120_000);

  it.each(["plain", "rst"])("of type %s are delivered verbatim", async (type) => {
    const letters = [
      ...VECTORS,
      ...[
        "  spaces  ",
        "\ttab\r\nlines\n\n",
        "e\u0301 is not é",
        "👩‍👩‍👧 \u202e\u200b\ufeff",
        "x\u0000\u0001\u001f\u007f\u0085\u2028",
      ],
      "Title\n=====\n\n.. raw:: html\n\n   <script>alert(1)</script>\n\n`x <javascript:alert(1)>`_",
    ].filter((it) => it !== "");
    expect(await through(type, letters)).toEqual(letters);
  });

  it("of type plain are shown as written by a page that inserts them as text", async () => {
    const received = await through("plain", VECTORS);
    const page = await browser.newPage();
    await page.goto(`${server.url}/`);
    const shown = await page.evaluate(
      `(${JSON.stringify(received)}).map((text) => Object.assign(document.createElement("p"), { textContent: text }).textContent)`,
    );
    expect(shown).toEqual(VECTORS);
    await page.close();
  });
});

// At the origin of the server, and with nothing on it that takes long to draw hundreds of times.
const BARE = "<!doctype html><title>A page</title><body></body>";

type Trap = Awaited<ReturnType<typeof setTrap>>;

/** Opens a page of the server in which whatever a message does is noted. */
async function setTrap(browser: Browser, server: Site) {
  const context = await browser.newContext();
  await context.addInitScript({ path: TRAP });
  const caught: string[] = [];
  await watch(context, caught);
  await context.route(`${server.url}/bare`, (route) => route.fulfill({ contentType: "text/html", body: BARE }));
  let page: Page | undefined;
  const open = async () => {
    for (const old of context.pages()) await old.close();
    page = await context.newPage();
    watchPage(page, caught);
    await page.goto(`${server.url}/bare`);
    return page;
  };
  const trap = {
    /** Shows markup, does to it what a reader could, and returns what it did. */
    async show(html: string): Promise<string[]> {
      try {
        page ??= await open();
        const points = v.parse(Points, await page.evaluate(`trap.show(${JSON.stringify(html)})`));
        for (const { x, y } of points) await page.mouse.click(x, y);
        await page.evaluate("trap.clear()");
      } catch (error) {
        // A page that has left cannot be asked any more.
        caught.push(`an error: ${error}`);
      }
      return caught.splice(0);
    },
    /** What was told of since. */
    caught: () => [...caught],
    /** Loads the page anew, without what was opened or caught before. One that is about to leave is replaced: that takes longer. */
    async reset(): Promise<void> {
      for (const other of context.pages()) if (other !== page) await other.close();
      await page?.goto(`${server.url}/bare`).catch(open);
      caught.length = 0;
    },
  };
  await open();
  caught.length = 0;
  return trap;
}

async function watch(context: BrowserContext, caught: string[]): Promise<void> {
  await context.route("**/*", async (route) => {
    caught.push(`a request for ${route.request().url()}`);
    await route.abort();
  });
  context.on("console", (message) => caught.push(message.text()));
  context.on("weberror", (error) => caught.push(`an error: ${error.error()}`));
  context.on("dialog", async (dialog) => {
    caught.push("a dialog");
    await dialog.dismiss();
  });
  context.on("page", () => caught.push("a page"));
}

function watchPage(page: Page, caught: string[]): void {
  page.on("framenavigated", (frame) => caught.push(`a way to ${frame.url()}`));
  page.on("frameattached", () => caught.push("a frame"));
  page.on("download", () => caught.push("a download"));
  page.on("worker", () => caught.push("a worker"));
  page.on("websocket", () => caught.push("a socket"));
}
