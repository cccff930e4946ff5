import type { Page } from "playwright-core";
import type { Stage } from "./stage.js";

/** How a view is reached; the page is returned once all of it is there. */
type Reach = (stage: Stage) => Promise<Page>;

const named = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const field = (page: Page) => page.locator(".area");

async function conversation(stage: Stage, thread = stage.tea): Promise<Page> {
  const page = await stage.open({ thread });
  await page.getByText("This is where the conversation begins.").waitFor();
  return page;
}

async function list(stage: Stage): Promise<Page> {
  const page = await stage.open();
  await page.locator(".thread", { hasText: "Tea" }).waitFor();
  return page;
}

async function acting(stage: Stage, text: string, ...names: string[]): Promise<Page> {
  const page = await conversation(stage);
  await stage.pointAt(page, text);
  for (const name of names) await stage.press(named(page, name));
  return page;
}

async function dialog(page: Page, name: string | RegExp): Promise<Page> {
  await page.getByRole("dialog", { name }).waitFor();
  return page;
}

async function emoji(stage: Stage): Promise<Page> {
  const page = await conversation(stage);
  await stage.press(named(page, "Emoji and formatting"));
  await named(page, "grinning face").waitFor();
  return page;
}

/** A conversation, its messages, and what is done with them. */
export const MESSAGES: Readonly<Record<string, Reach>> = {
  "a conversation": (stage) => conversation(stage),
  "the actions on a message": (stage) => acting(stage, "Coffee is better"),
  "the emoji to react with": async (stage) => {
    const page = await acting(stage, "Coffee is better", "React");
    await named(page, "React with 🎉").waitFor();
    return page;
  },
  "the question before a message is deleted": async (stage) => {
    const page = await acting(stage, "I bring milk", "Delete");
    await page.locator(".sure").waitFor();
    return page;
  },
  "a long message, unfolded, and the way to the newest": async (stage) => {
    const page = await conversation(stage);
    await stage.press(named(page, "Show all"));
    await page.locator(".log").evaluate((it) => it.scrollTo({ top: -400 }));
    await named(page, "To the newest message").waitFor();
    return page;
  },
};

/** What the actions on a message open. */
export const MESSAGE_DIALOGS: Readonly<Record<string, Reach>> = {
  "the names of those who have read a message": async (stage) =>
    dialog(await acting(stage, "I bring milk", "Seen by"), "Seen by"),
  "the report of a message": async (stage) => dialog(await acting(stage, "Coffee is better", "Report"), /^Report/),
  "the conversations to forward to": async (stage) =>
    dialog(await acting(stage, "Coffee is better", "Forward"), "Forward to"),
};

/** The input, and what appears above it. */
export const WRITING: Readonly<Record<string, Reach>> = {
  "names to mention": async (stage) => {
    const page = await conversation(stage);
    await field(page).pressSequentially("Ask @");
    await page.getByRole("listbox").waitFor();
    return page;
  },
  "emoji that a search finds, and formats": async (stage) => {
    const page = await emoji(stage);
    await page.getByRole("searchbox").last().fill("cat");
    await named(page, "grinning face").waitFor({ state: "detached" });
    return page;
  },
  "a reply": async (stage) => {
    const page = await acting(stage, "Coffee is better", "Reply");
    await page.getByText("Replying to Ben").waitFor();
    await field(page).fill("Is it?");
    return page;
  },
  "an edit": async (stage) => {
    const page = await acting(stage, "I bring milk", "Edit");
    await page.getByText("Editing your message").waitFor();
    return page;
  },
  "a text that is too long": async (stage) => {
    const page = await conversation(stage);
    await field(page).fill("a".repeat(8_200));
    await field(page).press("Control+Enter");
    await page.getByText("This is too long.").waitFor();
    return page;
  },
};

/** What becomes of a text that is sent, and of a link in it. */
export const SENDING: Readonly<Record<string, Reach>> = {
  "the preview of a link": async (stage) => {
    const found = { url: "https://a.example/tea", title: "All about tea", description: "How it grows" };
    await stage.context.route(/\/nereid-chat\/preview/, (route) => route.fulfill({ json: found }));
    const page = await conversation(stage);
    await field(page).pressSequentially("https://a.example/tea ");
    await named(page, "Send without a preview").waitFor();
    return page;
  },
  "a message that was refused": async (stage) => {
    const code = "cannot_send";
    const problem = { type: `urn:nereid-chat:problem:${code}`, code, status: 403, title: "Not accepted" };
    await stage.context.route(/nereid-chat\/send/, (route) =>
      /"message"/.test(route.request().postData() ?? "")
        ? route.fulfill({ status: 403, contentType: "application/problem+json", body: JSON.stringify(problem) })
        : route.continue(),
    );
    const page = await conversation(stage);
    await field(page).fill("Hello");
    await field(page).press("Control+Enter");
    await named(page, "Discard").waitFor();
    return page;
  },
  "a message that waits, without a connection": async (stage) => {
    const page = await conversation(stage);
    await stage.context.setOffline(true);
    await field(page).fill("Hello");
    await field(page).press("Control+Enter");
    await named(page, "Do not send").waitFor();
    return page;
  },
  "a room where the user only reads": async (stage) => {
    const page = await conversation(stage, stage.news);
    await page.getByText("You can read here, but not write.").waitFor();
    return page;
  },
};

/** The list, what is found in it, and the dialogs about conversations. */
export const CONVERSATIONS: Readonly<Record<string, Reach>> = {
  "the list": list,
  "the menu of a conversation": async (stage) => {
    const page = await list(stage);
    await page.locator(".thread", { hasText: "Tea" }).click({ button: "right" });
    return dialog(page, /^Conversation actions/);
  },
  "what a search finds": async (stage) => {
    const page = await list(stage);
    await page.getByRole("searchbox").fill("milk");
    await page.locator("mark").first().waitFor();
    await page.getByText("Searching…").waitFor({ state: "detached" });
    return page;
  },
  "a search that finds nothing": async (stage) => {
    const page = await list(stage);
    await page.getByRole("searchbox").fill("zebra");
    await page.getByText("Nothing found.").waitFor();
    return page;
  },
  "the hidden conversations": async (stage) => {
    const page = await list(stage);
    await stage.press(named(page, "Hidden conversations"));
    await page.locator(".thread", { hasText: "Old plans" }).waitFor();
    return page;
  },
  "a new conversation": async (stage) => {
    const page = await list(stage);
    await stage.press(named(page, "New conversation"));
    await page.getByRole("checkbox").first().waitFor();
    return page;
  },
  "the details of a room, with an invite, and the question before leaving": async (stage) => {
    const page = await conversation(stage);
    await stage.press(named(page, "Details"));
    await stage.press(named(page, "Invite by link"));
    await page.getByRole("textbox", { name: "Invite by link" }).waitFor();
    await stage.press(named(page, "Leave"));
    return page;
  },
  "the details of a conversation of two": async (stage) => {
    const page = await list(stage);
    await stage.press(page.locator(".thread", { hasText: "Are you there?" }));
    await stage.press(named(page, "Details"));
    return dialog(page, "Ben");
  },
};

/** What is shown before the chat, around it, and in its place. */
export const ENTRANCES: Readonly<Record<string, Reach>> = {
  "the form for a guest's name": async (stage) => {
    await stage.context.clearCookies();
    const page = await stage.open({ token: "" });
    await page.getByRole("textbox", { name: "Your name" }).waitFor();
    return page;
  },
  "the question before joining by an invite": async (stage) => {
    const page = await stage.open({ token: stage.dan.token });
    await page.goto("about:blank");
    await page.goto(`${stage.server.url}/host#nereid-chat=${stage.code}`);
    await page.getByText(/^Ann has made the invite/).waitFor();
    return page;
  },
  "no access": async (stage) => {
    await stage.context.clearCookies();
    const page = await stage.open({ token: "5e0b7b7c-2f5c-4f0e-9d1b-6f3a6a0c9d11", guests: "off" });
    await page.getByText(/Your access to the chat has expired|You are not logged in/).waitFor();
    return page;
  },
  "a failure": async (stage) => {
    const page = await conversation(stage);
    await stage.context.route(/\/threads\/.*/, (route) => route.fulfill({ status: 500 }));
    await stage.press(named(page, "Details"));
    await stage.press(named(page, "Invite by link"));
    await page.getByRole("alert").filter({ hasText: /\w/ }).waitFor();
    return page;
  },
  "the launcher, closed": async (stage) => {
    const page = await stage.open({ launcher: "" });
    await page.getByRole("button", { name: /^Open the chat/ }).waitFor();
    return page;
  },
  "the launcher, open": async (stage) => {
    const page = await stage.open({ launcher: "", thread: stage.tea });
    await stage.press(page.getByRole("button", { name: /^Open the chat/ }));
    await page.getByText("This is where the conversation begins.").waitFor();
    return page;
  },
};

/** The other pages of a deployment. */
export const PAGES: Readonly<Record<string, Reach>> = {
  "the page for moderators, reports": async (stage) => {
    const page = await stage.visit("/nereid-chat/admin");
    await page.getByText("He sells coffee").waitFor();
    return page;
  },
  "the page for moderators, rooms": async (stage) => {
    const page = await stage.visit("/nereid-chat/admin");
    await stage.press(named(page, "Rooms"));
    await page.getByRole("heading", { name: "Tea" }).waitFor();
    return page;
  },
  "the page for moderators, people": async (stage) => {
    const page = await stage.visit("/nereid-chat/admin");
    await stage.press(named(page, "People"));
    await page.getByLabel("User id").fill("ben");
    await stage.press(named(page, "Find"));
    await page.getByText("Not banned.").waitFor();
    return page;
  },
  "the page for moderators, to others": async (stage) => {
    await stage.context.clearCookies();
    const page = await stage.visit("/nereid-chat/admin");
    await page.getByText("Nobody is logged in here").waitFor();
    return page;
  },
  "the calculator": (stage) => stage.visit("/cost"),
  "the first page": async (stage) => {
    await stage.context.clearCookies();
    const page = await stage.visit("/");
    await named(page, "Start chatting").waitFor();
    return page;
  },
  "the first page, in the chat": async (stage) => {
    await stage.context.clearCookies();
    const page = await stage.visit("/");
    await page.getByRole("textbox").fill("Zoë");
    await stage.press(named(page, "Start chatting"));
    await page.getByRole("textbox", { name: /^Message / }).waitFor();
    return page;
  },
};

/** A panel of more than a thousand buttons, which takes the rules as long as all others together. */
export const EMOJI: Readonly<Record<string, Reach>> = { "emoji and formats": emoji };

/** A page of thousands of elements, which takes them as long. */
export const REFERENCE: Readonly<Record<string, Reach>> = { "the reference": (stage) => stage.visit("/docs") };
