import { CodedFiles, codedTag, codingOf } from "./content-coding.js";
import { entityTag, isFresh } from "./entity-tag.js";
import { isRead, refuseMethod } from "./file-method.js";

/** Responds to requests for the client's files: `client.js`, `widget.js`, `chat.js` and those that they load. */
export class BrowserFiles {
  readonly #base: string;
  readonly #files = new Map<string, Promise<File | undefined>>();
  readonly #coded = new CodedFiles();

  /** `base` is the path where the chat is mounted. */
  constructor(base: string) {
    this.#base = base;
  }

  /** Returns the file of a request, 304 if the browser has it, 405 for another method than GET and HEAD; undefined if there is none at this path. */
  respond(request: Request): Promise<Response | undefined> | undefined {
    const name = this.#nameOf(request.url);
    return name === undefined ? undefined : this.#respond(request, name);
  }

  #nameOf(url: string): string | undefined {
    const name = NAME.exec(url)?.[1];
    return name !== undefined && new URL(url).pathname === `${this.#base}/${name}` ? name : undefined;
  }

  async #respond(request: Request, name: string): Promise<Response | undefined> {
    const known = this.#files.get(name);
    const file = await (known ?? readFile(name, this.#base));
    if (file === undefined) return undefined;
    if (known === undefined) this.#files.set(name, Promise.resolve(file));
    if (!isRead(request)) return refuseMethod();
    const coding = codingOf(request, file.body.length);
    const etag = codedTag(file.etag, coding);
    const headers = { ...HEADERS, ETag: etag };
    if (isFresh(request, etag)) return new Response(null, { status: 304, headers });
    const body = coding === undefined ? file.body : await this.#coded.code(file.body, file.etag, coding);
    return new Response(request.method === "HEAD" ? null : body, {
      headers: {
        ...headers,
        ...(coding && { "Content-Encoding": coding }),
        "Content-Type": "text/javascript; charset=utf-8",
        "Content-Length": `${body.length}`,
      },
    });
  }
}

type File = { body: Uint8Array<ArrayBuffer>; etag: string };

const NAME = /\/([a-z-]+\.js)(?:[?#]|$)/;

// Browsers ask each time, and mostly get a 304: the files must be of the version of the server. Any page may load them.
const HEADERS = {
  "Cache-Control": "public, max-age=0, must-revalidate",
  Vary: "Accept-Encoding",
  "Access-Control-Allow-Origin": "*",
  "Cross-Origin-Resource-Policy": "cross-origin",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

/** The path in the files' text by which they find the chat that served them. */
const DEFAULT_BASE = "/nereid-chat";

async function readFile(name: string, base: string): Promise<File | undefined> {
  // Loaded when a browser asks for a file: most servers bundle the client themselves, and never need it.
  const { BROWSER_FILES } = await import("./browser-files.js");
  const text = Object.hasOwn(BROWSER_FILES, name) ? BROWSER_FILES[name] : undefined;
  if (text === undefined) return undefined;
  const body = new TextEncoder().encode(
    base === DEFAULT_BASE ? text : text.replaceAll(`"${DEFAULT_BASE}"`, JSON.stringify(base)),
  );
  return { body, etag: entityTag(body) };
}
