import { once } from "node:events";
import { createServer } from "node:net";

/** Finds a port of 127.0.0.1 that nobody listens on. */
export async function free(): Promise<number> {
  const probe = createServer();
  await once(probe.listen(0, "127.0.0.1"), "listening");
  const address = probe.address();
  const closed = once(probe, "close");
  probe.close();
  await closed;
  if (address === null || typeof address !== "object") throw new Error("Cannot find a port");
  return address.port;
}
