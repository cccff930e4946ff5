import { ErrorReply } from "redis";

/** The result of one command, in the format of the REST API. */
export type Outcome = { result: unknown } | { error: string };

/** Turns a reply or an error reply of Redis into an outcome. Throws any other error, such as a lost connection. */
export function outcome(reply: unknown, base64: boolean): Outcome {
  if (reply instanceof ErrorReply) return { error: reply.message };
  if (reply instanceof Error) throw reply;
  return { result: isOk(reply) ? "OK" : encode(reply, base64 ? "base64" : "utf8") };
}

// Clients decode every string but a bare "OK", and only at the top: an "OK" inside an array is encoded like any other.
function isOk(reply: unknown): boolean {
  return reply === "OK" || (Buffer.isBuffer(reply) && reply.length === 2 && reply.toString() === "OK");
}

function encode(reply: unknown, encoding: "utf8" | "base64"): unknown {
  if (Array.isArray(reply)) return reply.map((item) => encode(item, encoding));
  if (Buffer.isBuffer(reply)) return reply.toString(encoding);
  if (reply instanceof Error) return encode(reply.message, encoding);
  if (typeof reply === "string" && encoding === "base64") return Buffer.from(reply).toString("base64");
  return reply;
}
