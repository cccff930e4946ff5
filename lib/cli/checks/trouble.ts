import type { StoreFailure } from "../../store/store-fault.js";

type Trouble = StoreFailure["code"];

/** Says what to do about a trouble of the store; `sign` is the code of Node behind it. */
export function adviceFor(trouble: Trouble, sign?: string): string {
  // No name server has answered, which says nothing of the host.
  return sign === "EAI_AGAIN"
    ? `See whether this machine has a network. If it has: ${ADVICE[trouble]}`
    : ADVICE[trouble];
}

const COPY_URL =
  "Copy UPSTASH_REDIS_REST_URL (or KV_REST_API_URL) again from the database's page: a deleted database has no host";
const NETWORK = "Try again; if it stays so, look for a firewall or a proxy between this machine and the store";

const ADVICE: Readonly<Record<Trouble, string>> = {
  "unknown host": COPY_URL,
  "host unreachable": NETWORK,
  "connection refused": COPY_URL,
  "connection failed": NETWORK,
  "connection reset": NETWORK,
  "TLS failure":
    "Use the https URL of the database; a proxy that inspects TLS needs its certificate in NODE_EXTRA_CA_CERTS",
  "no answer in time": NETWORK,
  "credential refused": "Copy the REST token again from the page of the same database as the URL",
  "quota exhausted": "Choose a larger plan of the database, or wait for the next period",
  "rate limited": "Wait, or choose a larger plan of the database",
  "server error": "Look at the status page of the store's provider",
  "command refused": "Use the REST API of Upstash, or a bridge that passes the command",
  "wrong answer": "Check the URL: something answers there that is not the REST API of a Redis",
  "storage full": "Choose a larger plan of the database, or lower CHAT_HISTORY",
};
