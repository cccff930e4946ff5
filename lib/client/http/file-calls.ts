import type { Chat } from "../protocol/chat.js";
import type { FilePage } from "../protocol/file.js";
import type { Deployment } from "./deployment.js";

export type FileCalls = Pick<Chat, "files" | "upload">;

/** Returns the calls about files. What uploads them is loaded with the first one. */
export function fileCalls(deployment: Deployment): FileCalls {
  return {
    async files(ids) {
      const page = await deployment.call<FilePage>("files", { query: { id: ids }, has: "files" });
      for (const file of page.files) file.url = new URL(file.url, deployment.base).href;
      return page;
    },
    upload: async (file, options) => (await import("../send/upload.js")).upload(deployment, file, options),
  };
}
