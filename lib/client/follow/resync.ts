import type { Deployment } from "../http/deployment.js";
import { type Page, place } from "../http/paths.js";
import { ChatError } from "../protocol/problem.js";
import type { Message } from "../protocol/stanza.js";
import type { Ledger } from "./continuity.js";

const PAGE = 100;

/**
 * Reads a thread's messages as they are now, as far back as they are held, and lets the stream go on after them. Waits for as
 * long as the deployment is away. Undefined when there is nothing to read any more, or the user is no member.
 */
export async function reread(
  deployment: Deployment,
  ledger: Ledger,
  thread: string,
  newest = 0,
): Promise<Message[] | undefined> {
  const from = ledger.oldest(thread);
  if (from === undefined) return undefined;
  const messages: Message[] = [];
  try {
    for (let after = from - 1; ; ) {
      const ask = { query: { after, limit: PAGE } };
      const page = await deployment.call<Page>(`${place(thread)}/messages`, ask, Number.POSITIVE_INFINITY);
      messages.push(...page.messages);
      after = messages.at(-1)?.seq ?? page.last;
      if (page.messages.length === 0 || after >= page.last) break;
    }
  } catch (error) {
    // Closed meanwhile, or gone; whatever may pass has been waited for.
    if (error instanceof ChatError && error.status === 404) return undefined;
    throw error;
  }
  ledger.read(thread, messages, newest);
  return messages;
}
