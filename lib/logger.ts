/** How much is logged: nothing, failures, or every request. */
export type LogLevel = "silent" | "error" | "info";

/** The properties of a log line besides time, level and event. Never a token, a JWT, or the text of a message. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Writes the operator's log: one JSON object per line. */
export type Logger = {
  /** Logs a failure, or anything else that an operator should know. */
  error(event: string, fields?: LogFields): void;
  /** Logs normal operation; written at level `info` only. */
  info(event: string, fields?: LogFields): void;
};

/**
 * Creates a logger that passes lines, each ending in a newline, to `write`; none once the chat `isClosed`, because what that cuts short has
 * not failed.
 *
 * @example createLogger("error").error("store_unavailable", { cause: "ECONNREFUSED" })
 * // {"time":"2026-11-28T12:00:00.000Z","level":"error","event":"store_unavailable","cause":"ECONNREFUSED"}
 */
export function createLogger(
  level: LogLevel,
  write: (line: string) => void = toStandardError,
  isClosed: () => boolean = () => false,
): Logger {
  const line = (at: LogLevel) => (event: string, fields: LogFields) => {
    if (!isClosed()) write(`${JSON.stringify({ time: new Date().toISOString(), level: at, event, ...fields })}\n`);
  };
  const nothing = () => undefined;
  const [error, info] = [line("error"), line("info")];
  return {
    error: level === "silent" ? nothing : (event, fields = {}) => error(event, fields),
    info: level === "info" ? (event, fields = {}) => info(event, fields) : nothing,
  };
}

// The first few frames are enough to find where an error was thrown.
const FRAMES = 6;

/** Describes an error for the log by name, code and place. Its message is left out, because it may quote a token or a text. */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const { message, stack = "" } = error;
  // The stack begins with the message, a line of which could pass for a frame.
  const messageAt = stack.indexOf(message);
  const trace = messageAt < 0 ? "" : stack.slice(messageAt + message.length);
  const frames = trace.split("\n").filter((line) => /^\s+at /.test(line));
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  return { error: error.name, ...code, at: frames.slice(0, FRAMES).map((line) => line.trim()) };
}

function toStandardError(line: string): void {
  process.stderr.write(line);
}
