import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { outsider, somebody } from "../support/outsider.js";
import { type Site, session } from "../support/site.js";
import type { Dice, Known } from "./dice.js";
import type { Attempt } from "./nonsense.js";

const AT_ONCE = 24;

/** Which answers are fine, and how long one may take. */
export type Terms = {
  attempt(dice: Dice): Attempt;
  statuses(status: number): boolean;
  patienceMs: number;
  /** What no answer may quote. */
  secret?: string;
};

/** How often each status came, the longest that anything took, and how many were late, but not when they were asked again. */
export type Outcome = { seen: Map<number, number>; slowestMs: number; late: number };

// A busy machine is late now and then; what hangs is late each time.
const TRIES = 3;

/** Fires so many requests at a server, some at a time. Throws at the first answer that is not fine, with the request that got it. */
export async function volley(url: string, dice: Dice, inputs: number, terms: Terms): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const outcome: Outcome = { seen: new Map(), slowestMs: 0, late: 0 };
  let left = inputs;
  const worker = async () => {
    while (left-- > 0) {
      const attempt = terms.attempt(dice);
      const began = performance.now();
      let answer = await ask(agent, url, attempt, terms.patienceMs);
      for (let tries = 1; answer.status === 0 && tries < TRIES; tries++) {
        outcome.late++;
        answer = await ask(agent, url, attempt, terms.patienceMs);
      }
      outcome.slowestMs = Math.max(outcome.slowestMs, performance.now() - began);
      outcome.seen.set(answer.status, (outcome.seen.get(answer.status) ?? 0) + 1);
      if (isFine(attempt, answer, terms)) continue;
      left = 0;
      throw new Error(`Answered by ${answer.status} ${answer.text.slice(0, 500)}: ${JSON.stringify(attempt)}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } finally {
    agent.destroy();
  }
  return outcome;
}

/** Makes two people on a server who have talked, and tells what a stranger could know of them. */
export async function acquaint(server: Site): Promise<Known> {
  const [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
  const { thread, id } = await ann.say({ to: [ben.entity], text: "Hi", id: randomUUID() });
  const others = [ann.token, ben.token, ann.cursor, ann.entity, ben.entity];
  const service = await session("server", { scope: "chat:server" });
  return { session: await session(ann.entity), service, thread, message: id, others };
}

type Answer = { status: number; general: boolean; text: string };

function isFine(attempt: Attempt, { status, general, text }: Answer, { statuses, secret }: Terms): boolean {
  // What is no HTTP is refused before anybody can look at the path.
  const unread = status === 431 || (status === 400 && attempt.headers.some(([name]) => name === "Host"));
  const asUsual = general || unread || isFile(attempt.path);
  return status > 0 && statuses(status) && asUsual && (secret === undefined || !text.includes(secret));
}

/** Whether a path, its dots resolved, leads to a file of the site: those have headers of their own. */
function isFile(path: string): boolean {
  if (!URL.canParse(path, "http://site")) return false;
  const { pathname } = new URL(path, "http://site");
  return !pathname.startsWith("/nereid-chat/") || pathname.endsWith(".js");
}

/** Asks, and answers 0 for what was not answered in time, -1 for a connection that broke. */
async function ask(agent: Agent, url: string, attempt: Attempt, patienceMs: number): Promise<Answer> {
  const { method, path, headers, body } = attempt;
  const { hostname, port } = new URL(url);
  const signal = AbortSignal.timeout(patienceMs);
  const length: [string, string][] = body === undefined ? [] : [["Content-Length", `${body.length}`]];
  const host: [string, string][] = headers.some(([name]) => name === "Host") ? [] : [["Host", `${hostname}:${port}`]];
  const all = [...host, ...headers, ...length].flat();
  const asked = request({ agent, host: "127.0.0.1", port, method, path, signal, headers: all });
  try {
    const answered = once(asked, "response", { signal });
    asked.end(body);
    const [reply] = await answered;
    let text = "";
    for await (const chunk of reply.setEncoding("utf8")) text += chunk;
    const general = reply.headers["cache-control"] === "private, no-store, no-transform";
    return { status: reply.statusCode, general, text };
  } catch {
    return { status: signal.aborted ? 0 : -1, general: false, text: "" };
  }
}
