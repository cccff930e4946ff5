import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import { digest } from "../store/keys.js";
import type { PageHead } from "./page-head.js";

// Longer addresses are those of machines.
const URL_MAX = 2_048;
const KEPT_S = 86_400;
// A page that was down may be back.
const NONE_KEPT_S = 600;
// Each holds up to 512 KiB for up to four seconds.
const AT_ONCE_MAX = 16;

const URL_TEXT = "must be an http or https URL";

export const PreviewRequest = v.object(
  {
    url: v.pipe(
      v.string("must be a string"),
      v.maxLength(URL_MAX, `must have at most ${URL_MAX} characters`),
      v.check((it) => URL.canParse(it) && /^https?:$/.test(new URL(it).protocol), URL_TEXT),
    ),
  },
  "must be an object",
);

/** What a page says of itself, with the URL that was asked for. */
export type LinkPreview = PageHead & { url: string };

/** Reads what pages say of themselves, for the sender of a message with a link: its readers then need not ask the page. */
export class LinkPreviews {
  #underWay = 0;

  /** Returns the preview of a page. Throws `not_found` if there is none, and `rate_limited` while too many are being read. */
  async read(chat: Instance, { url: given }: v.InferOutput<typeof PreviewRequest>): Promise<LinkPreview> {
    if (!chat.config.previews) throw new Fault("not_found", { detail: "This deployment makes no previews" });
    const url = withoutFragment(given);
    const key = chat.keys.preview(digest(url));
    const [kept] = await chat.store.transact(v.tuple([v.nullable(v.string())]), (batch) => batch.get(key));
    const json = kept ?? (await this.#readAndKeep(chat, url, key));
    if (json === "") throw new Fault("not_found", { detail: "The page cannot be read, or has no title" });
    return { url: given, ...v.parse(Kept, json) };
  }

  async #readAndKeep(chat: Instance, url: string, key: string): Promise<string> {
    if (this.#underWay >= AT_ONCE_MAX)
      throw new Fault("rate_limited", { detail: "Too many pages are being read", retryAfter: 1 });
    this.#underWay += 1;
    try {
      const head = await readHeadOf(url);
      const json = head === undefined ? "" : JSON.stringify(head);
      const ttl = json === "" ? NONE_KEPT_S : KEPT_S;
      await chat.store.transact(v.tuple([v.unknown()]), (batch) => batch.set(key, json, { ex: ttl }));
      return json;
    } finally {
      this.#underWay -= 1;
    }
  }
}

const Kept = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ title: v.string(), description: v.exactOptional(v.string()), site: v.exactOptional(v.string()) }),
);

function withoutFragment(text: string): string {
  const url = new URL(text);
  url.hash = "";
  return url.href;
}

/** Whatever goes wrong on the way is the page's fault, and the same to the user: what the server can reach is not to be told apart. */
async function readHeadOf(url: string): Promise<PageHead | undefined> {
  const [{ readPage }, { readHead }] = await Promise.all([import("./public-page.js"), import("./page-head.js")]);
  try {
    return readHead(await readPage(url));
  } catch {
    return undefined;
  }
}
