import type { Chat } from "../protocol/chat.js";
import type { FilePage, ReadableFile } from "../protocol/file.js";

// As many as the deployment signs at once.
const AT_ONCE = 20;
// A URL is replaced so long before it ends: somebody who plays a film reads on for a while.
const SPARE_MS = 300_000;

/** What the deployment takes of files. */
export type FileLimits = Pick<FilePage, "max" | "types">;

type Wish = { id: string; resolve(file: ReadableFile | undefined): void; reject(error: unknown): void };

const all = new WeakMap<Chat, FileLinks>();

/** Returns the URLs of the files of a chat, which all that shows them shares. */
export function linksOf(chat: Chat): FileLinks {
  const links = all.get(chat) ?? new FileLinks(chat);
  all.set(chat, links);
  return links;
}

/** The URLs of the files of a chat: those that are asked for at one moment are signed by one request, and each again before it ends. */
export class FileLinks {
  readonly #chat: Pick<Chat, "files">;
  readonly #known = new Map<string, ReadableFile>();
  #wishes: Wish[] = [];
  #limits: Promise<FileLimits> | undefined;

  constructor(chat: Pick<Chat, "files">) {
    this.#chat = chat;
  }

  /** Says what the deployment takes; `max` is 0 where it takes no files. */
  limits(): Promise<FileLimits> {
    this.#limits ??= this.#chat.files().catch((error: unknown) => {
      this.#limits = undefined;
      throw error;
    });
    return this.#limits;
  }

  /** Returns a file with a URL that holds for minutes at least; undefined if the file is gone, or not for this user. With `anew`, the URL is another one. */
  async get(id: string, anew = false): Promise<ReadableFile | undefined> {
    const known = this.#known.get(id);
    if (!anew && known !== undefined && renewal(known, Date.now()) > 0) return known;
    return await new Promise((resolve, reject) => {
      this.#wishes.push({ id, resolve, reject });
      if (this.#wishes.length === 1) setTimeout(() => void this.#ask());
    });
  }

  async #ask(): Promise<void> {
    const wishes = this.#wishes.splice(0);
    const ids = [...new Set(wishes.map(({ id }) => id))];
    for (let at = 0; at < ids.length; at += AT_ONCE) await this.#askFor(ids.slice(at, at + AT_ONCE), wishes);
  }

  async #askFor(ids: string[], wishes: Wish[]): Promise<void> {
    const own = wishes.filter(({ id }) => ids.includes(id));
    try {
      const { files } = await this.#chat.files(ids);
      for (const file of files) this.#known.set(file.id, file);
      for (const { id, resolve } of own) resolve(files.find((it) => it.id === id));
    } catch (error) {
      for (const { reject } of own) reject(error);
    }
  }
}

/** Returns in how many milliseconds the URL of a file is to be replaced: minutes before it ends, and after half of its time if that is short. */
export function renewal({ expires }: ReadableFile, now: number): number {
  const left = Date.parse(expires) - now;
  return left > 2 * SPARE_MS ? left - SPARE_MS : Math.floor(left / 2);
}
