import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Dice } from "./dice.js";
import { lie } from "./lie.js";

/** Stands between a server and its store, and tells the truth until it is told to lie. */
export type Liar = {
  url: string;
  /** Lies in one of so many answers, and in one of so many lines of the wire; 0: no more. */
  lie(dice: Dice, inSoMany: number): void;
  /** How many lies have been told. */
  told(): number;
  stop(): void;
};

export async function liar(target: string): Promise<Liar> {
  let dice: Dice | undefined;
  let inSoMany = 0;
  let told = 0;
  const lies = () => {
    const now = dice?.once(inSoMany) === true ? dice : undefined;
    if (now !== undefined) told++;
    return now;
  };
  const server = createServer((request, response) => {
    const passed = request.url?.startsWith("/subscribe/")
      ? passWire(target, request, response, lies)
      : pass(target, request, response, lies);
    passed.catch(() => response.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`,
    lie(by, often) {
      dice = often > 0 ? by : undefined;
      inSoMany = often;
    },
    told: () => told,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function pass(target: string, request: IncomingMessage, response: ServerResponse, lies: () => Dice | undefined) {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  const answer = await fetch(target + request.url, { method: "POST", headers: headersOf(request), body });
  const truth = await answer.text();
  const dice = lies();
  const said = dice === undefined ? { status: answer.status, body: truth, broken: false } : lie(dice, truth);
  response.writeHead(said.status, { "content-length": Buffer.byteLength(said.body) + (said.broken ? 1 : 0) });
  response.write(said.body, () => said.broken && response.destroy());
  if (!said.broken) response.end();
}

/** Hands the wire on, line by line; lies by lines that are none, are another's, or never end, and by its end. */
async function passWire(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  lies: () => Dice | undefined,
) {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const answer = await fetch(target + request.url, {
    method: "POST",
    headers: headersOf(request),
    signal: gone.signal,
  });
  response.writeHead(answer.status, { "content-type": "text/event-stream" });
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const dice = lies();
    if (dice?.once(8)) break;
    response.write(dice === undefined ? chunk : distorted(dice, chunk));
  }
  response.end();
}

function distorted(dice: Dice, chunk: string): string {
  return dice.one(
    dice.mutated(Buffer.from(chunk)).toString("latin1"),
    chunk + chunk,
    "",
    chunk.replace(/ \d+ /, ` ${dice.one("-1", "x", "1e300", "999999999999999")} `),
    chunk.replace(/\{.*/, dice.one("", "{", "null", "[]", '{"thread":{"entities":[7]}}')),
    chunk.replace(/ (post|join|own|leave|presence) /, ` ${dice.one("revoke", "join", "leave", "own", "presence")} `),
    `data: message,${"x".repeat(dice.one(10, 3_000_000))}`,
    `<html>${dice.word()}</html>\n`,
  );
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const { authorization = "", accept = "*/*" } = request.headers;
  return { authorization, accept, "content-type": "application/json" };
}
