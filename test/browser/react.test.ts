import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { asThread, type Outsider, outsider, somebody } from "../outsider.js";
import { type Site, site } from "../site.js";
import { found, launch, named } from "./chromium.js";
import { violations } from "./host.js";

const Item = v.looseObject({
  $schema: v.literal("https://ui.shadcn.com/schema/registry-item.json"),
  name: v.string(),
  type: v.literal("registry:block"),
  files: v.array(v.strictObject({ path: v.string(), type: v.string(), content: v.string() })),
});

describe.skipIf(!found)(named("the component of /chat.json"), () => {
  let server: Site;
  let browser: Browser;
  let ann: Outsider;
  let ben: Outsider;
  let room: string;
  let page: Page;
  beforeAll(async () => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    server = await site(store);
    browser = await launch();
    ann = await outsider(server, somebody("ann"), { name: "Ann" });
    ben = await outsider(server, somebody("ben"), { name: "Ben" });
    room = asThread(await ann.call("POST", "threads", { kind: "room", members: [ben.entity], subject: "Tea" })).id;
    for (let i = 1; i <= 70; i++) await ben.say({ thread: room, text: `no ${i}.` });
    const script = await project(await (await fetch(`${server.url}/chat.json`)).json());
    page = await browser.newPage();
    await page.route("**/host", (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<!doctype html><html lang="en"><title>A shop</title><main><h1>A shop</h1><div id="root" style="font: 16px sans-serif"></div></main><script type="module">${script}</script>`,
      }),
    );
    const { token } = await server.token(ann.entity, { name: "Ann" });
    await page.route("**/my/chat-token", (route) => route.fulfill({ json: { token } }));
    await page.goto(`${server.url}/host`);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const texts = () => page.getByRole("log").locator("li > span[dir]").allTextContents();

  it("shows a thread, and older messages as one scrolls", async () => {
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

  it("says and hears", async () => {
    await page.getByRole("textbox", { name: "Message" }).fill("Hello from React");
    await page.getByRole("button", { name: "Send" }).click();
    await expect.poll(async () => (await ben.thread(room)).last?.text).toBe("Hello from React");
    await ben.say({ thread: room, text: "Hello, React" });
    await expect.poll(async () => (await texts()).slice(-2)).toEqual(["Hello from React", "Hello, React"]);
    await expect.poll(async () => (await ann.thread(room)).unread).toBe(0);
  });

  it("breaks no rule of axe", async () => {
    expect(await violations(page)).toEqual([]);
  });
});

/** Builds a page of a project that the item was copied into, in strict mode. */
async function project(json: unknown): Promise<string> {
  const { files } = v.parse(Item, json);
  const content = (path: string) => files.find((file) => file.path === path)?.content ?? "";
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { createElement, StrictMode } from "react";
        import { createRoot } from "react-dom/client";
        import { Chat } from "components/chat.tsx";
        const chat = createElement(Chat, { url: location.origin, tokenUrl: "/my/chat-token" });
        createRoot(document.getElementById("root")).render(createElement(StrictMode, null, chat));`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    write: false,
    format: "esm",
    minify: true,
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: [
      {
        name: "project",
        setup: (build) => {
          build.onResolve({ filter: /^(components\/chat\.tsx|@\/lib\/nereid-chat)$/ }, ({ path }) => ({
            namespace: "project",
            path: path === "@/lib/nereid-chat" ? "lib/nereid-chat.ts" : path,
          }));
          build.onLoad({ filter: /./, namespace: "project" }, ({ path }) => ({
            contents: content(path),
            loader: path.endsWith("x") ? "tsx" : "ts",
            resolveDir: process.cwd(),
          }));
        },
      },
    ],
  });
  return outputFiles[0]?.text.replaceAll("</script", "<\\/script") ?? "";
}
