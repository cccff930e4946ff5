import { beforeEach, describe, expect, it } from "vitest";
import type { ChatEvent } from "../../../lib/client/protocol/chat.js";
import { LocalEcho } from "../../../lib/client/send/local-echo.js";

const sent = { type: "message" as const, id: "a", thread: "t", seq: 4, timestamp: "then" };
let events: ChatEvent[];
let online: boolean;
let echo: LocalEcho;
beforeEach(() => {
  events = [];
  online = true;
  const clock = { now: () => 0, random: () => 0, wait: () => new Promise<void>((resolve) => setTimeout(resolve, 1)) };
  const emit = (event: ChatEvent) => void events.push(event);
  echo = new LocalEcho(emit, () => online, clock, new AbortController().signal);
  echo.show({ id: "a", to: ["ben"], text: "hi" }, { id: "ann" });
});

describe("LocalEcho", () => {
  it("shows a message before it is sent", () => {
    const message = { id: "a", to: ["ben"], text: "hi", sender: { id: "ann" }, timestamp: "1970-01-01T00:00:00.000Z" };
    expect(events).toEqual([{ type: "message", pending: true, message }]);
  });

  it("emits nothing for the response when the stream has delivered the message", async () => {
    expect(echo.delivered("a")).toBe(true);
    await echo.acknowledged(sent);
    expect(events).toHaveLength(1);
  });

  it("emits a message by its response when the stream does not, and only once", async () => {
    await echo.acknowledged(sent);
    expect(events.at(-1)).toMatchObject({ message: { id: "a", thread: "t", seq: 4, timestamp: "then", text: "hi" } });
    expect(events.at(-1)).not.toHaveProperty("pending");
    expect(echo.delivered("a")).toBe(false);
  });

  it("emits a message by its response with what its files have become", async () => {
    const files = [{ content: new Blob(["tea"]), name: "tea.txt" }];
    echo.show({ id: "b", thread: "t", files }, { id: "ann" });
    const attachments = [{ url: "https://chat.example/files/f", name: "tea.txt" }];
    await echo.acknowledged({ ...sent, id: "b" }, attachments);
    expect(events.at(-1)).toMatchObject({ message: { id: "b", attachments } });
    expect(events.at(-1)).not.toHaveProperty("message.files");
  });

  it("leaves the delivery to the stream, in order, while that is offline", async () => {
    online = false;
    const told = echo.acknowledged(sent);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(events).toHaveLength(1);
    expect(echo.delivered("a")).toBe(true);
    await told;
    expect(events).toHaveLength(1);
  });

  it("does not show a delivered message again, and reports a refused one", () => {
    echo.delivered("a");
    echo.show({ id: "a", text: "hi" }, undefined);
    expect(events).toHaveLength(1);
    echo.show({ id: "b", thread: "t", text: "ho" }, undefined);
    echo.refused("b", { code: "cannot_send", status: 403 });
    expect(events.at(-1)).toMatchObject({ message: { id: "b" }, refused: { code: "cannot_send" } });
  });
});
