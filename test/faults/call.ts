import { Agent, request } from "node:http";

export type Reply = { status: number; text: string; retryAfter: number };

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, scheduling: "lifo" });

export type Asking = {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: unknown;
  timeoutMs: number;
  signal?: AbortSignal;
  /** Is given the body piece by piece. */
  hear?: (piece: string) => void;
};

/** Asks as any plain client would. Rejects when the whole answer did not come in time. */
export function call({ method, url, headers = {}, body, timeoutMs, signal, hear }: Asking): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? "" : JSON.stringify(body);
    const length = { "content-type": "application/json", "content-length": `${Buffer.byteLength(text)}` };
    const options = { agent, method, headers: { ...headers, ...(body === undefined ? {} : length) } };
    const asked = request(url, { ...options, ...(signal === undefined ? {} : { signal }) }, (response) => {
      let heard = "";
      response.setEncoding("utf8").on("data", (piece: string) => {
        heard += piece;
        if (response.statusCode !== 200) return;
        try {
          hear?.(piece);
        } catch (error) {
          fail(error instanceof Error ? error : new Error("cannot be read"));
          asked.destroy();
        }
      });
      response.on("error", fail);
      response.on("end", () => {
        clearTimeout(timer);
        const retryAfter = Number(response.headers["retry-after"] ?? 0);
        if (response.complete) resolve({ status: response.statusCode ?? 0, text: heard, retryAfter });
        else reject(new Error("cut off"));
      });
    });
    const timer = setTimeout(() => asked.destroy(new Error("no answer in time")), timeoutMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    asked.on("error", fail);
    asked.end(text);
  });
}
