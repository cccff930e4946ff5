/**
 * The problems that clients can receive: code → status, title, what the client should do. The code is the contract (PROFILE §1); the title
 * is for people.
 */
const FAULTS = {
  invalid: [400, "The request is malformed", "fix the request; retrying does not help"],
  bad_cursor: [400, "Not a cursor", "start again without a cursor"],
  no_recipient: [400, "Neither thread nor recipients", "name a thread or a recipient"],
  unsupported_stanza: [400, "Unknown stanza type", "fix the request; retrying does not help"],
  unauthenticated: [401, "Not authenticated", "log in again"],
  token_unknown: [404, "Chat token expired, revoked or never made", "create a new token and keep the cursor"],
  token_not_allowed: [403, "A chat token is no session", "use the session of the host application"],
  origin_not_allowed: [403, "This origin may not use cookies here", "ask the operator to list the origin"],
  banned: [403, "Banned from this deployment", "retrying does not help"],
  not_a_contact: [403, "Outside the contacts of this session", "choose another recipient"],
  forbidden: [403, "Not allowed", "retrying does not help"],
  cannot_send: [403, "No voice in this thread", "retrying does not help"],
  not_found: [404, "No such resource", "retrying does not help"],
  thread_not_found: [404, "No such thread", "forget the thread"],
  message_not_found: [404, "No such message", "forget the message"],
  method_not_allowed: [405, "Method not allowed", "use a method that Allow lists"],
  id_conflict: [409, "Another message has this id", "choose a new id"],
  thread_conflict: [409, "The thread id is taken", "choose another id"],
  too_large: [413, "Too large", "send less"],
  refused: [422, "Refused by the host", "show the reason; change the message"],
  unsupported_media_type: [415, "Unsupported media type", "send application/json"],
  slow_mode: [429, "This room is in slow mode", "wait for Retry-After, then send the same again"],
  rate_limited: [429, "Too many requests", "wait for Retry-After, then try again"],
  internal: [500, "Unexpected failure", "try again with backoff"],
  unavailable: [503, "Unavailable for the moment", "wait for Retry-After, then send the same again"],
  storage_full: [507, "The store is full", "tell the operator; nothing was written"],
} as const;

export type FaultCode = keyof typeof FAULTS;

/** An invalid field: its path, and what is wrong with it. */
export type Issue = { path: string; message: string };

type Extra = {
  detail?: string;
  /** 401 instead of 404 for a chat token in the header (PROFILE §2). */
  status?: number;
  issues?: Issue[];
  /** Methods for `Allow`. */
  allow?: string;
  /** Seconds for `Retry-After`. */
  retryAfter?: number;
  /** Of an envelope: the results before the stanza that failed, and the index of that stanza. */
  results?: unknown[];
  failed?: number;
  /** Whether a display name is all that is missing: guests are let in. */
  guests?: true;
  cause?: unknown;
};

/** A refusal or failure that is reported to the client. Never contains a token, a JWT or the text of a message. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly code: FaultCode;
  readonly status: number;
  readonly title: string;
  readonly advice: string;
  readonly extra: Extra;

  constructor(code: FaultCode, extra: Extra = {}) {
    const [status, title, advice] = FAULTS[code];
    super(extra.detail ?? title, { cause: extra.cause });
    this.code = code;
    this.status = extra.status ?? status;
    this.title = title;
    this.advice = advice;
    this.extra = extra;
  }
}

/** Creates the fault for an invalid field of a request. */
export function invalid(path: string, message: string): Fault {
  return new Fault("invalid", { detail: `${path}: ${message}`, issues: [{ path, message }] });
}
