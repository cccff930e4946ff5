import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** A request to the store as it passed: its path and body. */
export type Passed = { path: string; body: string };

/** Stands between this process and the bridge, and can hold back a single answer, or lose it. */
export type Gate = {
  url: string;
  /** What has passed since it was last emptied; subscriptions not counted. */
  passed: Passed[];
  /** Holds back, or loses, the next answer to a request whose body has a text in it. */
  hold(text: string): { arrived: Promise<void>; release(): void; lose(): void };
  /** Asks before every step of a request (it goes up, its answer comes down) and of the wire; undefined lets everything pass. */
  pace(step: Step | undefined): void;
  /** Ends every subscription, and lets none through for so long. */
  cutWire(ms?: number): void;
  stop(): void;
};

/** Fulfilled when the step that is named may be taken. */
export type Step = (name: string) => Promise<unknown>;

type Held = { text: string; arrive(): void; released: Promise<"whole" | "lost"> };

export async function gate(target: string): Promise<Gate> {
  const passed: Passed[] = [];
  const held: Held[] = [];
  const wires = new Set<AbortController>();
  let deaf = 0;
  let step: Step | undefined;
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const { authorization = "" } = request.headers;
    const body = await textOf(request);
    const path = request.url ?? "/";
    const wire = new AbortController();
    const isWire = path.startsWith("/subscribe/");
    if (isWire && Date.now() < deaf) return void response.destroy();
    if (isWire) wires.add(wire);
    else passed.push({ path, body });
    response.once("close", () => wire.abort());
    const init = { method: request.method ?? "POST", headers: { authorization, "content-type": "application/json" } };
    if (!isWire) await step?.("asks the store");
    const answer = await fetch(target + path, { ...init, ...(body === "" ? {} : { body }), signal: wire.signal });
    const at = isWire ? -1 : held.findIndex((it) => body.includes(it.text));
    if (at >= 0 && (await stay(held.splice(at, 1)[0])) === "lost") return void response.destroy();
    if (!isWire) await step?.("is answered by the store");
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
    for await (const chunk of answer.body ?? []) {
      if (isWire) await step?.("hears the wire");
      response.write(chunk);
    }
    response.end();
  };
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`,
    passed,
    hold(text) {
      let arrive = () => {};
      let release = (_: "whole" | "lost") => {};
      const arrived = new Promise<void>((resolve) => {
        arrive = resolve;
      });
      const released = new Promise<"whole" | "lost">((resolve) => {
        release = resolve;
      });
      held.push({ text, arrive, released });
      return { arrived, release: () => release("whole"), lose: () => release("lost") };
    },
    pace(asked) {
      step = asked;
    },
    cutWire(ms = 0) {
      deaf = Date.now() + ms;
      for (const wire of wires) wire.abort();
      wires.clear();
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function stay(held: Held | undefined): Promise<"whole" | "lost" | undefined> {
  held?.arrive();
  return held?.released;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}
