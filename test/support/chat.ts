import { afterAll } from "vitest";
import { compose } from "../../lib/chat.js";
import { type ChatOptions, parseConfig } from "../../lib/config.js";
import type { ChatContext } from "../../lib/http/chat-context.js";

const made: ChatContext[] = [];

/** Composes a chat of this test file: on the store of this run, in a key space of the file's own. It is closed after the file's tests. */
export function composeChat(options: ChatOptions = {}): ChatContext {
  const chat = compose(parseConfig({ log: "silent", ...options }, process.env));
  made.push(chat);
  return chat;
}

/** A chat with the settings of tests. Nothing is opened before it is used. */
export const chat = composeChat();

afterAll(() => {
  for (const { tail, store } of made) {
    tail.close();
    store.close();
  }
});
