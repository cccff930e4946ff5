import { once } from "node:events";
import type { ServerResponse } from "node:http";

/** Writes a web response, as fast as the client reads it. Ends it early when the client disconnects. */
export async function writeResponse(response: Response, outgoing: ServerResponse, isHead: boolean): Promise<void> {
  if (outgoing.destroyed) return response.body?.cancel();
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) if (name !== "set-cookie") outgoing.setHeader(name, value);
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.appendHeader("set-cookie", cookies);
  if (response.body === null || isHead) {
    await response.body?.cancel();
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  await pump(response.body, outgoing);
}

async function pump(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader();
  const gone = new AbortController();
  const leave = () => {
    gone.abort();
    reader.cancel().catch(() => {});
  };
  outgoing.once("close", leave);
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      if (!outgoing.write(read.value)) await once(outgoing, "drain", { signal: gone.signal });
    }
    outgoing.end();
  } catch {
    // The client has left, or the stream ended with an error: a truncated response must not look complete.
    outgoing.destroy();
  } finally {
    outgoing.off("close", leave);
  }
}
