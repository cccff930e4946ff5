import { AsyncLocalStorage } from "node:async_hooks";
import type { Fault } from "../fault.js";
import { describeError, type LogFields, type Logger } from "../logger.js";

/** Where a request has spent its time, in ms: authentication, waiting for the store, being held. */
export type Timing = { auth: number; store: number; wait: number };

/** The timing of the current request; recorded only if every request is logged. */
export type RequestTimings = AsyncLocalStorage<Timing>;

export function createTimings(): RequestTimings {
  return new AsyncLocalStorage();
}

/** Formats a timing as the value of a `Server-Timing` header (W3C Server Timing). */
export function formatTiming({ auth, store, wait }: Timing): string {
  return `auth;dur=${round(auth)}, store;dur=${round(store)}, wait;dur=${round(wait)}`;
}

/** A request as it is logged: with the pattern of its path, because the path itself may contain a token. */
export type LoggedRequest = { method: string; route: string; status: number; ms: number };

/** Logs a request that failed on the server's side. The cause is described by name, code and place. */
export function logFailure(logger: Logger, { method, route, ms }: Omit<LoggedRequest, "status">, fault: Fault): void {
  const { code, status } = fault;
  logger.error("request_failed", { method, route, status, problem: code, ms: round(ms), ...describeCause(fault) });
}

/** Logs that an open event stream ended by a failure on the server's side: its response had begun, so it has no status. */
export function logStreamFailure(logger: Logger, fault: Fault): void {
  logger.error("stream_failed", { problem: fault.code, ...describeCause(fault) });
}

/** Logs a completed request, at level `info`. */
export function logRequest(logger: Logger, request: LoggedRequest, timing: Timing): void {
  logger.info("request", { ...request, ms: round(request.ms), server_timing: formatTiming(timing) });
}

function describeCause({ cause }: Fault): LogFields {
  return cause === undefined ? {} : describeError(cause);
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
