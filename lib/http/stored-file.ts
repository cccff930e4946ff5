import { Fault } from "../fault.js";
import { headersOf } from "../files/disposition.js";
import { openStored, writeStored } from "../files/folder.js";
import { type Ticket, unseal } from "../files/ticket.js";
import type { ChatContext } from "./chat-context.js";
import { GENERAL_HEADERS } from "./problem.js";

// What a page shows again and again is not read each time. Shorter than a URL lasts, and the browser keeps it for this user alone.
const CACHED_S = 300;

type Given = { id: string; ticket: string };

/** Returns the folder and the file that a signed URL allows to write or to read. Throws `not_found` where there is no folder, and `forbidden` for a URL that allows nothing now. */
function admit({ config, filesSecret }: ChatContext, action: Ticket["action"], { id, ticket }: Given, now: number) {
  const { storage } = config.files;
  if (storage === undefined || !("folder" in storage)) throw new Fault("not_found");
  const allowed = unseal(ticket, filesSecret, now);
  if (allowed?.action !== action || allowed.file.id !== id)
    throw new Fault("forbidden", { detail: "The URL is not one that this deployment has signed, or it is over" });
  return { folder: storage.folder, file: allowed.file };
}

/** Takes a file that is uploaded to the folder of this deployment. Throws `forbidden`, and `invalid` for content of another size than was said. */
export async function receiveFile(chat: ChatContext, given: Given, request: Request, now: number): Promise<Response> {
  const { folder, file } = admit(chat, "write", given, now);
  const claimed = request.headers.get("content-length");
  const isWhole = (claimed === null || Number(claimed) === file.size) && (await write(folder, file, request));
  if (!isWhole) throw new Fault("invalid", { detail: `The body must have ${file.size} bytes, as was said` });
  return new Response(null, { status: 204, headers: GENERAL_HEADERS });
}

async function write(folder: string, file: Ticket["file"], request: Request): Promise<boolean> {
  try {
    return await writeStored(folder, file, request.body ?? []);
  } catch (cause) {
    throw new Fault("invalid", { detail: "The body must be complete", cause });
  }
}

/**
 * Serves a file of the folder of this deployment, or the one part of it that is asked for, which players of films do. No browser runs it: it is
 * what its type says or bytes to be saved, and in a sandbox. Other origins may embed it, since only members have its URL.
 */
export async function serveFile(chat: ChatContext, given: Given, request: Request, now: number): Promise<Response> {
  const { folder, file } = admit(chat, "read", given, now);
  const stored = await openStored(folder, file.id);
  if (stored === undefined) throw new Fault("not_found");
  const { type, disposition } = headersOf(file);
  const part = partOf(request.headers.get("range"), file.size);
  const headers = {
    ...GENERAL_HEADERS,
    "Content-Type": type,
    "Content-Disposition": disposition,
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": `private, max-age=${CACHED_S}, no-transform`,
    "Accept-Ranges": "bytes",
  };
  if (part === "beyond") {
    await stored.close();
    return new Response(null, { status: 416, headers: { ...headers, "Content-Range": `bytes */${file.size}` } });
  }
  const { from, to } = part ?? { from: 0, to: file.size - 1 };
  const partial: Record<string, string> =
    part === undefined ? {} : { "Content-Range": `bytes ${from}-${to}/${file.size}` };
  return new Response(streamOf(stored.createReadStream({ start: from, end: to })), {
    status: part === undefined ? 200 : 206,
    headers: { ...headers, ...partial, "Content-Length": `${to - from + 1}` },
  });
}

/** Parses the range of a request (RFC 9110 §14.1.2); undefined for none, and for several, which may be ignored. */
function partOf(range: string | null, size: number): { from: number; to: number } | "beyond" | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(range ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const from = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  return from > to ? "beyond" : { from, to };
}

/** Reads a file as the body of a response; it is closed at its end, or when the client goes away. */
function streamOf(chunks: AsyncIterable<Uint8Array> & { destroy(): void }): ReadableStream<Uint8Array> {
  const reading = chunks[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reading.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => chunks.destroy(),
  });
}
