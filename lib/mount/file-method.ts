import { Fault } from "../fault.js";
import { refuse } from "../http/problem.js";

/** Whether a request reads a file. */
export function isRead({ method }: Pick<Request, "method">): boolean {
  return method === "GET" || method === "HEAD";
}

/** Creates the response to a request that does something else with a file of the client. */
export function refuseMethod(): Response {
  return refuse(new Fault("method_not_allowed", { allow: "GET, HEAD" }));
}
