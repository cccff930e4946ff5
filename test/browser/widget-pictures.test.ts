import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page, Route } from "playwright-core";
import * as v from "valibot";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asPage, asThread, type Outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host, violations } from "./host.js";
import { openSite } from "./opened-site.js";
import { png, type SampleFile, txt, uploaded, wav } from "./sample-files.js";
import { openTeaRoom } from "./tea-room.js";

const folder = join(tmpdir(), `chat-files-${randomBytes(6).toString("hex")}`);
const WIDE = png("wide.png", 600, 300);
// Records a film of half a second.
const FILM = `(async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  const context = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: "video/webm" });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const ended = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start();
  for (let i = 0; i < 10; i++) {
    context.fillStyle = i % 2 ? "teal" : "white";
    context.fillRect(0, 0, 320, 180);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  recorder.stop();
  await ended;
  return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
})()`;
const HIGH = png("high.png", 300, 600);

describe.skipIf(!found)(named("files that are shown in <nereid-chat>"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let ann: Outsider;
  let ben: Outsider;
  let room: string;
  let page: Page;
  beforeAll(async () => {
    const opened = await openSite({ CHAT_FILES_FOLDER: folder });
    ({ server, browser } = opened);
    return async () => {
      await opened.close();
      await rm(folder, { recursive: true, force: true });
    };
  });
  beforeEach(async () => {
    ({ ann, ben, room } = await openTeaRoom(server));
    context = await browser.newContext({ viewport: { width: 900, height: 700 } });
    context.setDefaultTimeout(10_000);
  });
  afterEach(() => context.close());

  const open = async (options: Parameters<typeof host>[3] = {}) => {
    page = await host(context, server, { token: ann.token, thread: room }, options);
    return page;
  };
  const log = () => page.getByRole("log");
  const shot = (name: string) => log().getByRole("button", { name: `Enlarge ${name}` });
  const viewer = () => page.getByRole("dialog");
  const isLoaded = (name: string) =>
    shot(name)
      .locator("img")
      .evaluate((it) => "naturalWidth" in it && Number(it.naturalWidth) > 0);
  /** Ben sends files, each with what else its attachment says. */
  const say = async (...files: [SampleFile, Record<string, unknown>?][]) => {
    const attachments = await Promise.all(
      files.map(async ([file, more]) => ({ ...(await uploaded(server, ben, file)), ...more })),
    );
    return ben.say({ thread: room, attachments });
  };

  it("are pictures in a place that is kept for them, so that nothing moves when they come", async () => {
    await say([WIDE, { width: 600, height: 300, alt: "A table" }], [HIGH, { width: 300, height: 600 }]);
    await ben.say({ thread: room, text: "Before them" });
    let free = () => {};
    const held = new Promise<void>((resolve) => {
      free = resolve;
    });
    await context.route("**/content?*", async (route) => {
      await held;
      await route.continue().catch(() => {});
    });
    await open();
    await shot("A table").waitFor();
    const boxes = () => Promise.all(["A table", "high.png"].map((name) => shot(name).boundingBox()));
    const before = await boxes();
    expect(before.map((box) => [Math.round(box?.width ?? 0), Math.round(box?.height ?? 0)])).toEqual([
      [320, 160],
      [160, 320],
    ]);
    free();
    await expect.poll(() => isLoaded("A table")).toBe(true);
    await expect.poll(() => isLoaded("high.png")).toBe(true);
    expect(await boxes()).toEqual(before);
    expect(await violations(page)).toEqual([]);
  });

  it("open large, move by the arrows, close with Escape, and give the focus back", async () => {
    await say([WIDE, { width: 600, height: 300 }]);
    await say([HIGH, { width: 300, height: 600, alt: "A tower" }], [txt("list.txt")]);
    await open();
    await expect.poll(() => isLoaded("wide.png")).toBe(true);
    await shot("wide.png").focus();
    await page.keyboard.press("Enter");
    await viewer().getByRole("img", { name: "wide.png" }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("ArrowRight");
    await viewer().getByRole("img", { name: "A tower" }).waitFor();
    expect(await viewer().getByRole("button", { name: "Next" }).count()).toBe(0);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowLeft");
    await viewer().getByRole("img", { name: "wide.png" }).waitFor();
    await viewer().getByRole("button", { name: "Next" }).click();
    await viewer().getByRole("link", { name: "Download A tower" }).waitFor();
    await page.keyboard.press("Escape");
    await viewer().waitFor({ state: "detached" });
    // What stands for a message in a line is the name of its file.
    await page.getByRole("navigation").getByText("Ben: high.png").waitFor();
    expect(await shot("wide.png").evaluate((it) => it.matches(":focus"))).toBe(true);
    // A click beside a picture closes it, too.
    await shot("A tower").click();
    await viewer().getByRole("img").waitFor();
    await page.mouse.click(150, 600);
    await viewer().waitFor({ state: "detached" });
  });

  it("close when their message is retracted", async () => {
    const { id } = await say([WIDE, { width: 600, height: 300 }]);
    await open();
    await shot("wide.png").click();
    await viewer().waitFor();
    await ben.send({ type: "retract", retract: { thread: room, id } });
    await viewer().waitFor({ state: "detached" });
  });

  it("open by a tap, which opens no actions of the message, and zoom by two fingers", async () => {
    await context.close();
    context = await browser.newContext({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });
    await say([WIDE, { width: 600, height: 300 }]);
    await open({ meta: '<meta name="viewport" content="width=device-width">' });
    await shot("wide.png").tap();
    const large = viewer().getByRole("img", { name: "wide.png" });
    await large.waitFor();
    expect(await viewer().count()).toBe(1);
    const zooms = `getComputedStyle(document.querySelector("nereid-chat").shadowRoot.querySelector(".viewer img")).touchAction`;
    // The value of panning and zooming, and of nothing else.
    expect(await page.evaluate(zooms)).toBe("manipulation");
    const small =
      await page.evaluate(`[...document.querySelector("nereid-chat").shadowRoot.querySelectorAll(".viewer :is(a, button)")]
      .map((it) => it.getBoundingClientRect()).filter(({ width, height }) => width < 44 || height < 44).length`);
    expect(small).toBe(0);
    await viewer().getByRole("button", { name: "Close" }).tap();
    await viewer().waitFor({ state: "detached" });
  });

  it("are sound that plays, and other files with name, type and size, which are saved", async () => {
    await say([wav("bell.wav")], [txt("list.txt")]);
    await open();
    const sound = log().locator("audio");
    await expect.poll(() => sound.evaluate((it) => "duration" in it && it.duration)).toBe(1);
    await sound.evaluate((it) => "play" in it && typeof it.play === "function" && it.play());
    await expect.poll(() => sound.evaluate((it) => "currentTime" in it && Number(it.currentTime) > 0)).toBe(true);
    const link = log().getByRole("link", { name: "Download list.txt, TXT · 2 kB" });
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    expect(download.suggestedFilename()).toBe("list.txt");
    expect(await violations(page)).toEqual([]);
  });

  it("say that they are gone", async () => {
    await say([WIDE, { width: 600, height: 300 }]);
    await context.route("**/nereid-chat/files?id=*", (route) =>
      route.fulfill({ json: { max: 1, types: ["*/*"], files: [] } }),
    );
    await open();
    await log().getByText("wide.png: This file is not there any more.").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it("get another URL before theirs ends, and when it has ended", async () => {
    let asked = 0;
    const shorten = async (route: Route) => {
      const response = await route.fetch();
      const answer = await response.json();
      asked++;
      for (const file of answer.files) {
        // The first URL has ended already; the next ones hold for a short time.
        file.expires = new Date(Date.now() + 4_000).toISOString();
        if (asked === 1) file.url = file.url.replace(/content\?.*/, "content?expired");
      }
      await route.fulfill({ json: answer });
    };
    // A URL may be asked for once more while the page is closed.
    await context.route("**/nereid-chat/files?id=*", (route) => shorten(route).catch(() => {}));
    await say([WIDE, { width: 600, height: 300 }], [txt("list.txt")]);
    await open();
    await expect.poll(() => isLoaded("wide.png")).toBe(true);
    const link = log().getByRole("link", { name: /list\.txt/ });
    await expect.poll(() => link.getAttribute("href")).toMatch(/content\?/);
    const before = asked;
    await expect.poll(() => asked, { timeout: 10_000 }).toBeGreaterThan(before);
    expect(await isLoaded("wide.png")).toBe(true);
  });

  it("are forwarded as files of the user's own", async () => {
    await say([WIDE, { width: 600, height: 300, alt: "A table" }]);
    const other = asThread(await ann.call("POST", "threads", { kind: "room", members: [], subject: "Milk" })).id;
    await open();
    await shot("A table").focus();
    await log().getByRole("button", { name: "Forward" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Milk" }).click();
    const copies = async () => asPage(await ann.call("GET", `threads/${other}/messages`)).messages;
    await expect.poll(copies).toMatchObject([{ attachments: [{ name: "wide.png", alt: "A table", width: 600 }] }]);
  });

  it("are films that play in place, and large", async () => {
    await open();
    const bytes = v.parse(v.array(v.number()), await page.evaluate(FILM));
    const film = { name: "film.webm", mimeType: "video/webm", buffer: Buffer.from(bytes) };
    await say([film, { width: 320, height: 180 }]);
    const video = log().locator("video");
    await expect.poll(() => video.evaluate((it) => "videoWidth" in it && it.videoWidth)).toBe(320);
    const box = await log().locator(".film").boundingBox();
    expect([Math.round(box?.width ?? 0), Math.round(box?.height ?? 0)]).toEqual([320, 180]);
    expect(await violations(page)).toEqual([]);
    await shot("film.webm").click();
    await viewer().locator("video").waitFor();
    await page.keyboard.press("Escape");
    await viewer().waitFor({ state: "detached" });
  });

  it("are asked for together, and only near what is seen", async () => {
    const ids: number[] = [];
    await context.route("**/nereid-chat/files?id=*", async (route) => {
      ids.push(new URL(route.request().url()).searchParams.getAll("id").length);
      await route.continue();
    });
    for (let i = 0; i < 12; i++) await say([HIGH, { width: 300, height: 600, alt: `Picture ${i}` }]);
    await open();
    await expect.poll(() => isLoaded("Picture 11")).toBe(true);
    expect(ids.reduce((sum, it) => sum + it, 0)).toBeLessThan(10);
    expect(ids.length).toBeLessThanOrEqual(3);
  });
});
