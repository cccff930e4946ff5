import type { CallOptions, InProcess } from "./in-process.js";
import { type Reply, session } from "./site.js";

/** Calls a URL of the host's server, by a service credential. */
export type Service = (method: string, path: string, body?: unknown) => Promise<Reply>;

/** Returns a way to call `/nereid-chat/server/<path>` as the host's server. */
export async function service({ call }: Pick<InProcess, "call">): Promise<Service> {
  const authorization = `Bearer ${await session("server", { scope: "chat:server" })}`;
  return (method, path, body) => {
    const options: CallOptions = { headers: { authorization }, ...(body === undefined ? {} : { body }) };
    return call(method, `server/${path}`, options);
  };
}
