import type { FaultCode, Issue } from "../../fault.js";
import type { Sent } from "./stanza.js";

/** A problem document of the deployment (RFC 9457); clients switch on `code`. */
export type Problem = { code: string; status: number; title?: string; detail?: string; issues?: Issue[] } & {
  /** If several stanzas were sent at once: the results of those before the one that failed, and the index of that one. */
  results?: Sent[];
  failed?: number;
  /** Of a request for a token without a session: whether a display name would make a guest. */
  guests?: boolean;
};

/**
 * Codes of the deployment, and the client's own: `unreachable` when there was no response of the deployment, `another_user` when a
 * renewed token belongs to another user, `unreadable` for a file that was removed or changed since it was chosen, `withdrawn` for a message that its user took back before it was sent, `closed` after `close()`.
 */
export type ChatCode =
  | FaultCode
  | "unreachable"
  | "another_user"
  | "unreadable"
  | "withdrawn"
  | "closed"
  | (string & {});

/** The error of every failed call. Without a response, `status` is 0 and `retryAfter` (in seconds, at most 60) is undefined. */
export class ChatError extends Error {
  override readonly name = "ChatError";
  readonly code: ChatCode;
  readonly status: number;
  readonly retryAfter: number | undefined;
  readonly issues: Issue[] | undefined;
  readonly problem: Problem;

  /** Whether a retry may succeed. */
  readonly passing: boolean;

  constructor(problem: Problem, retryAfter?: number, passing = mayPass(problem)) {
    super(problem.detail ?? problem.title ?? problem.code);
    this.code = problem.code;
    this.status = problem.status;
    this.retryAfter = retryAfter;
    this.issues = problem.issues;
    this.problem = problem;
    this.passing = passing;
  }
}

// A token, or what stands between the page and the deployment, is at fault. Another attempt may have another one.
const PASSING = ["unreachable", "token_unknown", "unauthenticated"];

/** Whether the request did not cause the problem. The pause of a slow room holds for one thread: what waits for others must not wait with it. */
function mayPass({ code, status }: Problem): boolean {
  if (code === "slow_mode") return false;
  return status === 0 || status >= 500 || [408, 425, 429].includes(status) || PASSING.includes(code);
}

/** Whether a retry of what rejected with an error may succeed. */
export function isPassing(error: unknown): boolean {
  return error instanceof Error && "passing" in error && error.passing === true;
}

/** Returns the code of a `ChatError`, even of another copy of the class: a page may load both the client and the widget. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
