import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { Fault } from "../fault.js";

/** Why the store could not be used, in the words that the log and `GET health` show. */
export type Trouble =
  | "unknown host"
  | "host unreachable"
  | "connection refused"
  | "connection failed"
  | "connection reset"
  | "TLS failure"
  | "no answer in time"
  | "credential refused"
  | "quota exhausted"
  | "rate limited"
  | "server error"
  | "command refused"
  | "wrong answer";

type Unusable = Trouble | "storage full";
type Evidence = { sign?: string | undefined; reply?: string; retryAfter?: number | undefined };

/** Thrown when the store gave no usable answer. Unless a command was refused, it may have been carried out. */
export class StoreFailure extends Error {
  override readonly name = "StoreFailure";
  /** The trouble, where the log looks for the code of an error. */
  readonly code: Unusable;
  /** What an operator can look up: an error code of Node, an HTTP status, or the first word of an error reply of Redis. */
  readonly sign: string | undefined;
  /** Seconds that the store asks callers to wait. */
  readonly retryAfter: number | undefined;
  // Private, so that nothing prints it: an error reply may quote what was sent.
  readonly #reply: string;

  constructor(code: Unusable, { sign, reply = "", retryAfter }: Evidence = {}) {
    super(`Cannot use the store: ${code}`);
    this.code = code;
    this.sign = sign;
    this.retryAfter = retryAfter;
    this.#reply = reply;
  }

  /** Whether another attempt may succeed at once. */
  get passing(): boolean {
    return PASSING.has(this.code) && this.retryAfter === undefined;
  }

  /** Whether Redis refused the command for this reason. */
  refusedFor(reason: RegExp): boolean {
    return reason.test(this.#reply);
  }
}

const PASSING: ReadonlySet<Unusable> = new Set([
  "unknown host",
  "host unreachable",
  "connection refused",
  "connection failed",
  "connection reset",
  "no answer in time",
  "server error",
  "wrong answer",
]);

// Only an operator ends these: asking every second would be of no use.
const LASTING: ReadonlySet<Unusable> = new Set(["TLS failure", "credential refused", "quota exhausted"]);
const RETRY_AFTER = { passing: 1, lasting: 30 };

/** What a client is told: 507 `storage_full` when the store takes no more, 503 `unavailable` for everything else. */
export function storeFault(failure: StoreFailure): Fault {
  const { code, retryAfter = 0 } = failure;
  if (code === "storage full") return new Fault("storage_full", { cause: failure });
  const least = LASTING.has(code) ? RETRY_AFTER.lasting : RETRY_AFTER.passing;
  const detail = `The store cannot be used: ${code}`;
  return new Fault("unavailable", { detail, retryAfter: Math.max(least, retryAfter), cause: failure });
}

const CODES: Readonly<Record<string, Trouble>> = {
  ENOTFOUND: "unknown host",
  EAI_AGAIN: "unknown host",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "host unreachable",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection reset",
  ETIMEDOUT: "no answer in time",
};

/** Names what Node reports when a request fails on a socket. */
export function connectionFailure({ code: sign = "" }: NodeJS.ErrnoException, socket: Socket | null): StoreFailure {
  // Set when the certificate of the store was refused; its codes have nothing in common.
  const certificateError = socket instanceof TLSSocket ? socket.authorizationError : undefined;
  if (certificateError || /^(ERR_SSL|ERR_TLS|EPROTO)/.test(sign)) return new StoreFailure("TLS failure", { sign });
  // Node's parser found no HTTP: a request in plain text may have met TLS.
  const code = sign.startsWith("HPE_") ? "wrong answer" : (CODES[sign] ?? "connection failed");
  return new StoreFailure(code, { sign });
}

// What Upstash (https://upstash.com/docs/redis/troubleshooting) and Redis reply. A request or key that is too large says nothing about
// the storage.
const REPLIES: readonly (readonly [RegExp, Unusable])[] = [
  [/^(WRONGPASS|NOAUTH|NOPERM)\b/, "credential refused"],
  [/^ERR max [\w ]*(per second|concurrent)/i, "rate limited"],
  [/^ERR max [\w ]*(requests?|commands?|bandwidth|usage)\b[\w ]* limit exceeded/i, "quota exhausted"],
  [/^ERR max (?!request|key)[\w ]*(size|storage)\b|^ERR [\w ]*(capacity|storage)\b[\w ]* exceeded/i, "storage full"],
  [/\bOOM command not allowed/, "storage full"],
];

// An error reply says what is wrong at its beginning, and may then quote a whole command.
const REASON_LENGTH = 200;

/** Names what an answer says that holds no result: its status, its error reply if it has one, and its `Retry-After`. */
export function answerFailure(status: number, error: string | undefined, retryAfter?: number): StoreFailure {
  const reply = error?.slice(0, REASON_LENGTH) ?? "";
  const known = REPLIES.find(([pattern]) => pattern.test(reply))?.[1];
  const code = known ?? statusTrouble(status) ?? (error === undefined ? "wrong answer" : "command refused");
  const sign = /^[A-Z]+\b/.exec(reply)?.[0] ?? `${status}`;
  return new StoreFailure(code, { sign, reply, retryAfter: code === "rate limited" ? (retryAfter ?? 1) : retryAfter });
}

function statusTrouble(status: number): Trouble | undefined {
  if (status === 401 || status === 403) return "credential refused";
  if (status === 429) return "rate limited";
  return status >= 500 ? "server error" : undefined;
}
