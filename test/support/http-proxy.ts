import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from "node:http";

export type HttpProxyOptions = {
  /** Changes the headers of requests. */
  asked?(headers: IncomingHttpHeaders): OutgoingHttpHeaders;
  /** Returns whether what was received of a response so far is passed on now, given how many bytes wait and how many were passed on. */
  flushes?(waiting: number, passed: number): boolean;
};

/** Starts an HTTP proxy before a server that passes on what a response brings when `flushes` says so, and at its end. */
export async function httpProxy(
  target: { host: string; port: number },
  { asked = (headers) => headers, flushes = () => true }: HttpProxyOptions,
): Promise<{ url: string; stop(): void }> {
  const proxied = createServer((incoming, outgoing) => {
    const { method, url: path } = incoming;
    const upstream = request({ ...target, method, path, headers: asked(incoming.headers) }, (response) => {
      pass(response, outgoing, flushes).catch(() => outgoing.destroy());
    });
    upstream.on("error", () => outgoing.destroy());
    outgoing.on("close", () => upstream.destroy());
    incoming.pipe(upstream);
  });
  await once(proxied.listen(0, "127.0.0.1"), "listening");
  const address = proxied.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    stop() {
      proxied.close();
      proxied.closeAllConnections();
    },
  };
}

async function pass(
  response: IncomingMessage,
  outgoing: ServerResponse,
  flushes: (waiting: number, passed: number) => boolean,
): Promise<void> {
  outgoing.writeHead(response.statusCode ?? 502, response.headers);
  let waiting: Buffer[] = [];
  let passed = 0;
  for await (const chunk of response) {
    waiting.push(chunk);
    const bytes = Buffer.concat(waiting);
    if (!flushes(bytes.length, passed)) continue;
    outgoing.write(bytes);
    passed += bytes.length;
    waiting = [];
  }
  outgoing.end(Buffer.concat(waiting));
}
