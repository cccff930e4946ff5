import type { FaultCode, Issue } from "../../fault.js";
import type { Sent } from "./stanza.js";

/** A refusal of the deployment (RFC 9457); clients switch on `code`. */
export type Problem = { code: string; status: number; title?: string; detail?: string; issues?: Issue[] } & {
  /** Of several stanzas sent at once: what was done before the one that failed, and its index. */
  results?: Sent[];
  failed?: number;
};

/**
 * Codes of the deployment, and the client's own: `unreachable` when no answer of the deployment came, `another_user` when the token
 * changed hands, `closed` after `close()`.
 */
export type ChatCode = FaultCode | "unreachable" | "another_user" | "closed" | (string & {});

/** What every call of the client rejects with. `status` is 0 and there is no `retryAfter` (in seconds) where no answer came. */
export class ChatError extends Error {
  override readonly name = "ChatError";
  readonly code: ChatCode;
  readonly status: number;
  readonly retryAfter: number | undefined;
  readonly issues: Issue[] | undefined;
  readonly problem: Problem;

  /** Whether the same again, later, may succeed. */
  readonly passing: boolean;

  constructor(problem: Problem, retryAfter?: number, passing = PASSING.includes(problem.status)) {
    super(problem.detail ?? problem.title ?? problem.code);
    this.code = problem.code;
    this.status = problem.status;
    this.retryAfter = retryAfter;
    this.issues = problem.issues;
    this.problem = problem;
    this.passing = passing;
  }
}

// No answer at all, and what servers and the proxies before them say when it is not the request's fault.
const PASSING = [0, 408, 425, 429, 500, 502, 503, 504, 507];

/** Reads the code of a refusal, also of one that another copy of the client made: a page may load both the client and the widget. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
