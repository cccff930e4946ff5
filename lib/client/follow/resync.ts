import { threadPath } from "../http/calls.js";
import type { Deployment } from "../http/deployment.js";
import type { HistoryPage, Message } from "../protocol/stanza.js";
import type { ContinuityTracker } from "./continuity.js";

// Messages per request: the most that the deployment returns.
const LIMIT = 100;

/**
 * Reads the current history of a thread, as far back as the page holds it, after which the stream continues. Retries for as long as
 * the deployment is unreachable. Returns undefined when the page holds none of the thread, or the user is no member any more.
 */
export async function readHistory(
  deployment: Deployment,
  tracker: ContinuityTracker,
  thread: string,
  newest = 0,
): Promise<Message[] | undefined> {
  const from = tracker.oldest(thread);
  if (from === undefined) return undefined;
  const messages: Message[] = [];
  try {
    for (let after = from - 1; ; ) {
      const options = { query: { after, limit: LIMIT }, has: "messages" };
      const path = `${threadPath(thread)}/messages`;
      const page = await deployment.call<HistoryPage>(path, options, Number.POSITIVE_INFINITY);
      messages.push(...page.messages);
      const last = page.messages.at(-1)?.seq ?? page.last;
      // A page that leads nowhere comes from a cache.
      if (page.messages.length === 0 || last >= page.last || last <= after) break;
      after = last;
    }
  } catch (error) {
    // Retries are over: either the thread is gone, or the chat was closed.
    if (error instanceof deployment.Error && error.status === 404) return undefined;
    throw error;
  }
  tracker.onHistory(thread, messages, newest);
  return messages;
}
