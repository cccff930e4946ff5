import { connect } from "node:net";

/** What came over a socket, to the letter. `closed`: the server closed the connection after it. */
export type RawReply = {
  status: number;
  protocol: string;
  headers: Map<string, string>;
  body: string;
  closed: boolean;
};

/** Writes a request to the letter, and reads until the server closes, or is silent for so long. */
export async function raw(url: string, request: string | Uint8Array, silenceMs = 2_000): Promise<RawReply> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname === "localhost" ? "127.0.0.1" : hostname, port: Number(port) });
  const chunks: Buffer[] = [];
  const closed = await new Promise<boolean>((resolve, reject) => {
    socket.setTimeout(silenceMs, () => resolve(false));
    socket.once("end", () => resolve(true));
    socket.once("error", reject);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.write(request);
  });
  socket.destroy();
  const text = Buffer.concat(chunks).toString();
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [start = "", ...lines] = head.split("\r\n");
  const [, protocol = "", status = ""] = /^(HTTP\/\d\.\d) (\d{3})/.exec(start) ?? [];
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(status), protocol, headers: new Map(headers), body: rest.join("\r\n\r\n"), closed };
}
