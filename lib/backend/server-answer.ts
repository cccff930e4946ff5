import * as v from "valibot";

const Problem = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({
    code: v.string(),
    detail: v.string(),
    results: v.exactOptional(v.array(v.unknown())),
    failed: v.exactOptional(v.number()),
  }),
);

/** A refusal or failure of the chat. `code` is that of the problem (docs/problems.md), or `unreachable` if there was no answer. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly code: string;
  /** The HTTP status; 0 if there was no answer. */
  readonly status: number;
  /** Of several stanzas: the results before the one that failed, and the index of that one. */
  readonly results: unknown[] | undefined;
  readonly failed: number | undefined;

  constructor(code: string, status: number, detail: string, of: { results?: unknown[]; failed?: number } = {}) {
    super(detail);
    this.code = code;
    this.status = status;
    this.results = of.results;
    this.failed = of.failed;
  }
}

/** Reads an answer in lines of JSON. Throws `ServerError`. */
export async function readLines<Line>(response: Response, schema: v.GenericSchema<unknown, Line>): Promise<Line[]> {
  const text = await response.text();
  if (!response.ok) throw refusal(response.status, text);
  const lines = text.split("\n").filter(Boolean);
  const answer = v.safeParse(v.array(v.pipe(v.string(), v.parseJson(), schema)), lines);
  if (!answer.success) throw new ServerError("unreachable", response.status, "the answer is not that of a chat");
  return answer.output;
}

/** Reads an answer by a schema, whose input is undefined for an answer without a body. Throws `ServerError`. */
export async function readAnswer<Result>(
  response: Response,
  schema: v.GenericSchema<unknown, Result>,
): Promise<Result> {
  const text = await response.text();
  if (!response.ok) throw refusal(response.status, text);
  const answer = v.safeParse(text === "" ? schema : v.pipe(v.string(), v.parseJson(), schema), text || undefined);
  if (!answer.success) throw new ServerError("unreachable", response.status, "the answer is not that of a chat");
  return answer.output;
}

function refusal(status: number, text: string): ServerError {
  const problem = v.safeParse(Problem, text);
  // What is no problem document comes from a proxy on the way.
  if (!problem.success) return new ServerError("unreachable", status, `status ${status}`);
  return new ServerError(problem.output.code, status, problem.output.detail, problem.output);
}
