import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { asThread } from "../../support/outsider.js";
import { png, type SampleFile, txt, uploaded, wav } from "../sample-files.js";
import type { Stage } from "./stage.js";

type Reach = (stage: Stage) => Promise<Page>;

const TEA = png("tea.png", 600, 400);
const CUP = png("cup.png", 300, 600);
const LIST = txt("what we need.txt");
const SIZES: Readonly<Record<string, object>> = {
  "tea.png": { width: 600, height: 400, alt: "Tea and bread" },
  "cup.png": { width: 300, height: 600 },
};

const named = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** Opens a conversation of Ann and Ben, in which Ben has sent files. */
async function conversation(stage: Stage, ...files: SampleFile[]): Promise<Page> {
  const { ann, ben, server } = stage;
  const id = randomUUID();
  const thread = asThread(
    await ann.call("POST", "threads", { kind: "room", id, subject: "Pictures", members: [ben.entity] }),
  ).id;
  const attachments = await Promise.all(
    files.map(async (file) => ({ ...(await uploaded(server, ben, file)), ...SIZES[file.name] })),
  );
  await ben.say({ thread, text: "Look", attachments });
  const page = await stage.open({ thread });
  await page.getByText("This is where the conversation begins.").waitFor();
  return page;
}

async function choose(stage: Stage, ...files: SampleFile[]): Promise<Page> {
  const page = await conversation(stage);
  const choosing = page.waitForEvent("filechooser");
  await stage.press(named(page, "Attach files"));
  await (await choosing).setFiles(files);
  return page;
}

/** Files that are written, sent and shown. */
export const FILES: Readonly<Record<string, Reach>> = {
  "files of a message that is being written, one of them described": async (stage) => {
    const page = await choose(stage, TEA, LIST);
    await stage.press(named(page, "Describe tea.png"));
    await page.getByRole("textbox", { name: "What does it show?" }).fill("Tea and bread");
    return page;
  },
  "files that cannot be sent": async (stage) => {
    const film = { name: "film.mp4", mimeType: "video/mp4", buffer: Buffer.alloc(10) };
    const page = await choose(stage, film, txt("empty.txt", 0));
    await page.getByText("“empty.txt” is empty").waitFor();
    return page;
  },
  "files that are being uploaded": async (stage) => {
    await stage.context.route("**/content?*", (route) =>
      route.request().method() === "PUT" ? undefined : route.continue(),
    );
    const page = await choose(stage, TEA, LIST);
    await stage.press(named(page, "Send"));
    await page.getByRole("progressbar", { name: "Uploading tea.png" }).waitFor();
    return page;
  },
  "files that were refused": async (stage) => {
    const problem = { type: "urn:nereid-chat:problem:too_large", code: "too_large", status: 413, title: "Too large" };
    await stage.context.route("**/nereid-chat/files", (route) =>
      route.request().method() === "POST"
        ? route.fulfill({ status: 413, contentType: "application/problem+json", body: JSON.stringify(problem) })
        : route.continue(),
    );
    const page = await choose(stage, TEA);
    await stage.press(named(page, "Send"));
    await named(page, "Discard").waitFor();
    return page;
  },
  "pictures, sound and a text": async (stage) => {
    const page = await conversation(stage, TEA, CUP, wav("bell.wav"), LIST);
    await named(page, "Enlarge Tea and bread").waitFor();
    await page.locator("audio[src]").waitFor();
    return page;
  },
  "files that are gone": async (stage) => {
    await stage.context.route("**/nereid-chat/files?id=*", (route) =>
      route.fulfill({ json: { max: 1, types: ["*/*"], files: [] } }),
    );
    const page = await conversation(stage, CUP, LIST);
    await page.getByText("cup.png: This file is not there any more.").waitFor();
    return page;
  },
  "a picture, large, among others": async (stage) => {
    const page = await conversation(stage, TEA, CUP, png("pot.png", 60, 60));
    await stage.press(named(page, "Enlarge cup.png"));
    await page.getByRole("dialog", { name: "cup.png" }).locator("img[src]").waitFor();
    return page;
  },
};
