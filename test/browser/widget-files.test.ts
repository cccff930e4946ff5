import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asPage, asThread, type Outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host, violations } from "./host.js";
import { openSite } from "./opened-site.js";
import { png, type SampleFile, txt } from "./sample-files.js";
import { openTeaRoom } from "./tea-room.js";

const folder = join(tmpdir(), `chat-files-${randomBytes(6).toString("hex")}`);
const TEA = png("tea.png", 600, 400);
const CUP = png("cup.png", 40, 40);
const LIST = txt("list.txt");

describe.skipIf(!found)(named("files that are attached in <nereid-chat>"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let ann: Outsider;
  let room: string;
  let page: Page;
  beforeAll(async () => {
    const opened = await openSite({
      CHAT_FILES_FOLDER: folder,
      CHAT_FILE_MAX: "100000",
      CHAT_FILE_TYPES: "image/*,text/plain",
    });
    ({ server, browser } = opened);
    return async () => {
      await opened.close();
      await rm(folder, { recursive: true, force: true });
    };
  });
  beforeEach(async () => {
    ({ ann, room } = await openTeaRoom(server));
    context = await browser.newContext({ viewport: { width: 900, height: 700 } });
    context.setDefaultTimeout(10_000);
  });
  afterEach(() => context.close());

  const open = async (who = ann, options: Parameters<typeof host>[3] = {}) => {
    page = await host(context, server, { token: who.token, thread: room }, options);
    return page;
  };
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  const field = () => page.getByRole("textbox", { name: "Message Tea" });
  const tray = () => page.getByRole("list", { name: "Files of your message" });
  const log = () => page.getByRole("log");
  const choose = async (...files: SampleFile[]) => {
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), button("Attach files").click()]);
    await chooser.setFiles(files);
  };
  const newest = async () => asPage(await ann.call("GET", `threads/${room}/messages?limit=1`)).messages.at(-1);
  const sent = async () => {
    const attachments = (await newest())?.attachments;
    return Array.isArray(attachments) ? attachments : [];
  };
  /** Drops files onto the messages, or pastes them into the input, as a page's script can. */
  const give = async (kind: "drop" | "paste", ...files: SampleFile[]) => {
    const given = files.map(({ name, mimeType, buffer }) => [name, mimeType, [...buffer]]);
    await page.evaluate(`(() => {
      const data = new DataTransfer();
      for (const [name, type, bytes] of ${JSON.stringify(given)})
        data.items.add(new File([new Uint8Array(bytes)], name, { type }));
      const { shadowRoot } = document.querySelector("nereid-chat");
      const about = { bubbles: true, cancelable: true };
      if (${kind === "paste"})
        shadowRoot.querySelector("textarea").dispatchEvent(new ClipboardEvent("paste", { ...about, clipboardData: data }));
      else for (const type of ["dragover", "drop"])
        shadowRoot.querySelector(".log").dispatchEvent(new DragEvent(type, { ...about, dataTransfer: data }));
    })()`);
  };
  /** Holds back what is uploaded until the returned function is called. */
  const hold = async () => {
    let free = () => {};
    const held = new Promise<void>((resolve) => {
      free = resolve;
    });
    await context.route("**/content?*", async (route) => {
      await held;
      await route.continue().catch(() => {});
    });
    return free;
  };

  it("are chosen by a button, several at once, described, removed, and sent without a text", async () => {
    await open();
    expect(await button("Send").isDisabled()).toBe(true);
    await choose(TEA, CUP, LIST);
    await tray().waitFor();
    const chips = (await tray().getByRole("listitem").allTextContents()).map((it) => it.replace(/\s+/g, " ").trim());
    expect(chips).toEqual(
      [/^tea\.png \S+ byte|kB/, /^cup\.png/, /^list\.txt 2 kB/].map((it) => expect.stringMatching(it)),
    );
    await button("Describe tea.png").click();
    await page.getByRole("textbox", { name: "What does it show?" }).fill("Tea and bread");
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Enter");
    expect(await newest()).toBeUndefined();
    await button("Remove cup.png").click();
    await button("Send").click();
    await expect.poll(sent).toMatchObject([
      { name: "tea.png", contentType: "image/png", alt: "Tea and bread", width: 600, height: 400 },
      { name: "list.txt", contentType: "text/plain", size: 2_000 },
    ]);
    expect((await newest())?.text).toBeUndefined();
    expect(await tray().count()).toBe(0);
    await log().getByRole("button", { name: "Enlarge Tea and bread" }).waitFor();
  });

  it("are dropped onto the messages, with a hint, and pasted into the input; a text is pasted as one", async () => {
    await open();
    await button("Attach files").waitFor();
    await give("drop", TEA, LIST);
    await tray().getByText("list.txt").waitFor();
    await give("paste", CUP);
    await tray().getByText("cup.png").waitFor();
    await field().fill("Look");
    await field().press("Enter");
    await expect.poll(async () => (await sent()).map(({ name }) => name)).toEqual(["tea.png", "list.txt", "cup.png"]);
    expect((await newest())?.text).toBe("Look");
  });

  it("are attached and removed by the keyboard alone", async () => {
    await open();
    await button("Attach files").waitFor();
    const focused = () => page.evaluate(`document.querySelector("nereid-chat").shadowRoot.activeElement.ariaLabel`);
    // The browser must know that it is not to open a window before the key comes.
    const choosing = page.waitForEvent("filechooser");
    await field().focus();
    await page.keyboard.press("Shift+Tab");
    await expect.poll(focused).toBe("Attach files");
    await page.keyboard.press("Enter");
    const chooser = await choosing;
    await chooser.setFiles([TEA, CUP]);
    await tray().getByText("cup.png").waitFor();
    // The text has the focus, and what it is sent with stands before it.
    expect(await focused()).toBe("Message Tea");
    for (const name of ["Attach files", "Remove cup.png"]) {
      await page.keyboard.press("Shift+Tab");
      expect(await focused()).toBe(name);
    }
    await page.keyboard.press("Enter");
    await expect.poll(() => tray().getByRole("listitem").count()).toBe(1);
    await field().focus();
    await page.keyboard.press("Enter");
    await expect.poll(async () => (await sent()).map(({ name }) => name)).toEqual(["tea.png"]);
  });

  it("stay with their conversation while another one is shown", async () => {
    const other = asThread(await ann.call("POST", "threads", { kind: "room", members: [], subject: "Milk" })).id;
    await open();
    await choose(CUP);
    await tray().waitFor();
    await page.evaluate(`document.querySelector("nereid-chat").show(${JSON.stringify(other)})`);
    await page.getByRole("textbox", { name: "Message Milk" }).waitFor();
    expect(await tray().count()).toBe(0);
    expect(await button("Send").isDisabled()).toBe(true);
    await page.evaluate(`document.querySelector("nereid-chat").show(${JSON.stringify(room)})`);
    await tray().getByText("cup.png").waitFor();
  });

  it("show how far they are, and return to the input with the text when they are cancelled", async () => {
    await open();
    const free = await hold();
    await choose(TEA, LIST);
    await field().fill("Look");
    await field().press("Enter");
    await log().getByRole("progressbar", { name: "Uploading tea.png" }).waitFor();
    expect(await log().getByRole("progressbar").count()).toBe(2);
    expect(await violations(page)).toEqual([]);
    await log().getByRole("button", { name: "Cancel" }).click();
    await tray().getByText("list.txt").waitFor();
    expect(await field().inputValue()).toBe("Look");
    expect(await log().getByRole("article").count()).toBe(0);
    free();
    await field().press("Enter");
    await expect.poll(async () => (await sent()).map(({ name }) => name)).toEqual(["tea.png", "list.txt"]);
    await expect.poll(() => log().getByRole("progressbar").count()).toBe(0);
  });

  it("go on being uploaded after a reload, in sight", async () => {
    await open();
    const free = await hold();
    await choose(TEA);
    await button("Send").click();
    await log().getByRole("progressbar").waitFor();
    await page.reload();
    await log().getByRole("progressbar", { name: "Uploading tea.png" }).waitFor();
    free();
    await expect.poll(async () => (await sent()).map(({ name }) => name)).toEqual(["tea.png"]);
    await log().getByRole("button", { name: "Enlarge tea.png" }).waitFor();
  });

  it("are refused at once when they are too large, of a type that is not taken, empty, or too many", async () => {
    await open();
    const film = { name: "film.mp4", mimeType: "video/mp4", buffer: Buffer.alloc(10) };
    await choose(txt("big.txt", 100_001), film, txt("empty.txt", 0), LIST);
    const alert = page.getByRole("alert").filter({ hasText: "big.txt" });
    expect(await alert.textContent()).toBe(
      "“big.txt” is larger than 100 kB. Files like “film.mp4” cannot be sent here. “empty.txt” is empty, or cannot be read.",
    );
    expect(await tray().getByRole("listitem").count()).toBe(1);
    await choose(...Array.from({ length: 10 }, (_, i) => txt(`${i}.txt`)));
    await page.getByText("A message has at most 10 files.").waitFor();
    expect(await tray().getByRole("listitem").count()).toBe(10);
  });

  it("say why the deployment refused them, and are sent again, or return to the input", async () => {
    await open();
    let refuse = true;
    await context.route("**/nereid-chat/files", (route) =>
      refuse && route.request().method() === "POST"
        ? route.fulfill({
            status: 400,
            contentType: "application/problem+json",
            json: { code: "invalid", status: 400 },
          })
        : route.continue(),
    );
    await choose(CUP);
    await button("Send").click();
    await log().getByText("Not sent: A file cannot be sent here, or is not what its name says.").waitFor();
    expect(await violations(page)).toEqual([]);
    await log().getByRole("button", { name: "Edit" }).click();
    await tray().getByText("cup.png").waitFor();
    await button("Send").click();
    await log().getByText("Not sent:").waitFor();
    refuse = false;
    await log().getByRole("button", { name: "Try again" }).click();
    await expect.poll(async () => (await sent()).map(({ name }) => name)).toEqual(["cup.png"]);
    await expect.poll(() => log().getByRole("article").count()).toBe(1);
  });

  it("wait, and say so, when the user has uploaded much, and without a connection", async () => {
    await open();
    await context.route("**/nereid-chat/files", (route) =>
      route.request().method() === "POST"
        ? route.fulfill({
            status: 429,
            headers: { "retry-after": "30" },
            contentType: "application/problem+json",
            json: { code: "rate_limited", status: 429 },
          })
        : route.continue(),
    );
    await choose(CUP);
    await button("Send").click();
    await log().getByText("You have sent many files.").waitFor();
    await context.setOffline(true);
    await log().getByText("The upload is interrupted.").waitFor({ timeout: 20_000 });
    await context.setOffline(false);
  });

  it("are not offered where the deployment takes none", async () => {
    let asked = false;
    await context.route("**/nereid-chat/files", (route) => {
      asked = true;
      return route.fulfill({ json: { max: 0, types: [], files: [] } });
    });
    await open();
    await expect.poll(() => asked).toBe(true);
    await field().fill("Hello");
    await give("paste", CUP);
    await field().press("Enter");
    await expect.poll(newest).toMatchObject({ text: "Hello" });
    expect(await button("Attach files").count()).toBe(0);
    expect(await tray().count()).toBe(0);
  });

  it("come from the camera on a touch screen, whose targets are 44 px large", async () => {
    await context.close();
    context = await browser.newContext({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });
    await open(ann, { meta: '<meta name="viewport" content="width=device-width">' });
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), button("Take a photo").tap()]);
    expect(await chooser.element().evaluate((it) => [it.getAttribute("capture"), it.getAttribute("accept")])).toEqual([
      "environment",
      "image/*",
    ]);
    await chooser.setFiles(TEA);
    await button("Describe tea.png").tap();
    const small = await page.evaluate(`[...document.querySelector("nereid-chat").shadowRoot
      .querySelectorAll("nereid-composer :is(button, input, textarea)")]
      .map((it) => [it.outerHTML, it.getBoundingClientRect()])
      .filter(([, { width, height }]) => width > 0 && (width < 44 || height < 44)).map(([html]) => html)`);
    expect(small).toEqual([]);
    expect(await violations(page)).toEqual([]);
    await button("Send").tap();
    await expect.poll(async () => (await sent()).map(({ name }) => name)).toEqual(["tea.png"]);
  });

  it.each(["light", "dark"] as const)(
    "have nothing that axe finds wrong, %s, from right to left, in forced colours",
    async (colorScheme) => {
      await open(ann, { lang: "ar", dir: "rtl" });
      await page.emulateMedia({ colorScheme, forcedColors: "active" });
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), button("إرفاق ملفات").click()]);
      await chooser.setFiles([TEA, LIST]);
      await page.getByRole("list", { name: "ملفات رسالتك" }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.emulateMedia({ colorScheme, forcedColors: "none" });
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press("Enter");
      await log().getByRole("button", { name: "تكبير tea.png" }).waitFor();
      expect(await violations(page)).toEqual([]);
    },
  );
});
