import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import * as v from "valibot";
import { build } from "vite";
import { beforeAll, describe, expect, it } from "vitest";
import type { Outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { violations } from "./host.js";
import { openSite } from "./opened-site.js";
import { png } from "./sample-files.js";
import { openTeaRoom } from "./tea-room.js";

const Item = v.looseObject({
  $schema: v.literal("https://ui.shadcn.com/schema/registry-item.json"),
  name: v.string(),
  type: v.literal("registry:block"),
  files: v.array(v.strictObject({ path: v.string(), type: v.string(), content: v.string() })),
});

const folder = join(tmpdir(), `chat-files-${randomBytes(6).toString("hex")}`);

describe.skipIf(!found)(named("the component of /chat.json"), () => {
  let server: Site;
  let browser: Browser;
  let ann: Outsider;
  let ben: Outsider;
  let room: string;
  let page: Page;
  beforeAll(async () => {
    const opened = await openSite({ CHAT_FILES_FOLDER: folder });
    ({ server, browser } = opened);
    ({ ann, ben, room } = await openTeaRoom(server));
    for (let i = 1; i <= 70; i++) await ben.say({ thread: room, text: `no ${i}.` });
    const built = await project(await (await fetch(`${server.url}/chat.json`)).json());
    page = await browser.newPage();
    await page.route("**/host", (route) =>
      route.fulfill({ contentType: "text/html", body: built.get("index.html") ?? "" }),
    );
    await page.route("**/assets/*.js", (route) =>
      route.fulfill({
        contentType: "text/javascript",
        body: built.get(new URL(route.request().url()).pathname.slice(1)) ?? "",
      }),
    );
    const { token } = await server.token(ann.entity, { name: "Ann" });
    await page.route("**/my/chat-token", (route) => route.fulfill({ json: { token } }));
    await page.goto(`${server.url}/host`);
    return async () => {
      await opened.close();
      await rm(folder, { recursive: true, force: true });
    };
  });

  const texts = () => page.getByRole("log").locator("li > span[dir]").allTextContents();

  it("shows a thread, and older messages as the user scrolls", async () => {
    await page.getByText("no 70.").waitFor();
    const all = Array.from({ length: 70 }, (_, i) => `no ${i + 1}.`);
    const up = () => page.getByRole("log").evaluate((it) => it.scrollTo({ top: -it.scrollHeight }));
    await page.addStyleTag({
      content: "[role=log] { height: 300px; overflow-y: auto; display: flex; flex-direction: column-reverse; }",
    });
    const after = async () => {
      await up();
      return texts();
    };
    await expect.poll(after, { timeout: 10_000 }).toEqual(all);
  });

  it("sends and receives", async () => {
    await page.getByRole("textbox", { name: "Message" }).fill("Hello from React");
    await page.getByRole("button", { name: "Send" }).click();
    await expect.poll(async () => (await ben.thread(room)).last?.text).toBe("Hello from React");
    await ben.say({ thread: room, text: "Hello, React" });
    await expect.poll(async () => (await texts()).slice(-2)).toEqual(["Hello from React", "Hello, React"]);
    // The second receipt of a thread waits for two seconds, and at the instance for those of others.
    await expect.poll(async () => (await ann.thread(room)).unread, { timeout: 5_000 }).toBe(0);
  });

  it("sends a picture, and shows it", async () => {
    await page.getByLabel("Files").setInputFiles(png("tea.png", 60, 40));
    await page.getByText("tea.png").waitFor();
    await page.getByRole("button", { name: "Send" }).click();
    await expect.poll(async () => (await ben.thread(room)).last?.attachments).toMatchObject([{ name: "tea.png" }]);
    const picture = page.getByRole("img", { name: "tea.png" });
    await expect.poll(() => picture.evaluate((it) => "naturalWidth" in it && it.naturalWidth)).toBe(60);
    expect(await page.getByRole("progressbar").count()).toBe(0);
  });

  it("violates no rule of axe", async () => {
    expect(await violations(page)).toEqual([]);
  });
});

const ENTRY = `
import { createElement, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Chat } from "./components/chat";
const chat = createElement(Chat, { url: location.origin, tokenUrl: "/my/chat-token" });
createRoot(document.getElementById("root")).render(createElement(StrictMode, null, chat));`;

const HTML = `<!doctype html>
<html lang="en">
  <head><title>A shop</title></head>
  <body>
    <main><h1>A shop</h1><div id="root" style="font: 16px sans-serif"></div></main>
    <script type="module" src="/main.js"></script>
  </body>
</html>`;

/** Builds a Vite project that the item was copied into, in strict mode: each file of its page, by name. */
async function project(json: unknown): Promise<Map<string, string>> {
  const { files } = v.parse(Item, json);
  // Inside this project, whose packages it finds.
  const root = resolve(await mkdtemp("dist/.page-"));
  try {
    const sources = [{ path: "index.html", content: HTML }, { path: "main.js", content: ENTRY }, ...files];
    for (const { path, content } of sources) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    }
    const alias = { "@": root };
    const built = await build({
      ...{ root, configFile: false, logLevel: "silent", resolve: { alias } },
      build: { write: false, modulePreload: false },
    });
    const { output } = v.parse(Built, built);
    return new Map(output.map((file) => [file.fileName, file.type === "chunk" ? file.code : `${file.source}`]));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const Built = v.object({
  output: v.array(
    v.variant("type", [
      v.object({ type: v.literal("chunk"), fileName: v.string(), code: v.string() }),
      v.object({
        type: v.literal("asset"),
        fileName: v.string(),
        source: v.union([v.string(), v.instance(Uint8Array)]),
      }),
    ]),
  ),
});
