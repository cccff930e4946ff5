import * as v from "valibot";
import { bad, type Finding, good } from "../finding.js";
import { ask, jsonOf, type Reply, type Site } from "./site.js";
import type { Visitor } from "./visitor.js";

/** Checks that requests arrive whole: the path with all its parts, the query, every method, and the header `Authorization`. */
export async function checkRoute(site: Site, visitor: Visitor | undefined): Promise<Finding> {
  const headers = visitor === undefined ? {} : { Authorization: `Bearer ${visitor.token}` };
  const [history, ...others] = await Promise.all([
    // No limit: the chat refuses it before it looks for the thread, if the query has arrived.
    ask(site, `${site.base}/threads/doctor/messages?limit=doctor`, { headers }),
    // Without a credential, they change nothing.
    ...METHODS.map(([method, path]) => ask(site, `${site.base}/${path}`, { method })),
  ]);
  const lost = METHODS.flatMap(([method], i) => (isOfChat(others[i]) ? [] : [{ method, reply: others[i] }]));
  const [first] = lost;
  if (!isOfChat(history))
    return bad("route", `A path of several parts gets ${described(history)}, which is not the chat`, KEEP_PATH);
  if (visitor !== undefined && codeOf(history) === "unauthenticated")
    return bad("route", "The header Authorization does not arrive", "Let Authorization through to the chat");
  if (codeOf(history) === "thread_not_found") return bad("route", "The query of a request does not arrive", KEEP_QUERY);
  if (first === undefined)
    return good(
      "route",
      `Paths and methods arrive as they were sent${visitor === undefined ? "" : ", with queries and credentials"}`,
    );
  const names = lost.map(({ method }) => method).join(" and ");
  return bad("route", `${names} does not reach the chat: ${described(first.reply)}`, LET_METHODS);
}

/** The methods besides GET and POST, and paths of them. */
const METHODS = [
  ["PUT", "files/doctor/content"],
  ["PATCH", "threads/doctor"],
  ["DELETE", "threads/doctor/invites/doctor"],
] as const;

const KEEP_PATH =
  "Let the rewrite or the route take all paths below that of the chat, and keep them: /nereid-chat/:path*, app/nereid-chat/[[...path]]";
const KEEP_QUERY =
  "Let the rewrite or proxy pass the query on (nginx: proxy_pass without a path, or with $is_args$args)";
const LET_METHODS =
  "Let GET, POST, PUT, PATCH, DELETE and OPTIONS through to the chat; in a route of Next.js or SvelteKit, export each of them";

const Problem = v.object({ code: v.string() });

/** Whether the chat has refused a request, and not something before it. */
function isOfChat(reply: Reply | undefined): boolean {
  const code = codeOf(reply);
  return code !== undefined && code !== "method_not_allowed";
}

function codeOf(reply: Reply | undefined): string | undefined {
  const problem = reply === undefined || "failure" in reply ? undefined : v.safeParse(Problem, jsonOf(reply.text));
  return problem?.success ? problem.output.code : undefined;
}

function described(reply: Reply | undefined): string {
  if (reply === undefined || "failure" in reply) return reply?.failure ?? "no response";
  return `status ${reply.response.status} (${reply.response.headers.get("content-type") ?? "no type"})`;
}
