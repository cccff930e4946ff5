import { compose } from "../../lib/chat.js";
import { type ChatOptions, parseConfig } from "../../lib/config.js";
import type { ChatContext } from "../../lib/http/chat-context.js";
import { perTestFile } from "./test-file.js";

let made: ChatContext[] = [];

/** A chat with the settings of tests, of this test file. Nothing is opened before it is used. */
export let chat: ChatContext;

/** Composes a chat of this test file: on the store of this run, in a key space of the file's own. It is closed after the file's tests. */
export function composeChat(options: ChatOptions = {}): ChatContext {
  const composed = compose(parseConfig({ log: "silent", ...options }, process.env));
  made.push(composed);
  return composed;
}

perTestFile({
  begin() {
    chat = composeChat();
  },
  end() {
    for (const { tail, store } of made) {
      tail.close();
      store.close();
    }
    made = [];
  },
});
