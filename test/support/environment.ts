import { randomBytes } from "node:crypto";
import { inject } from "vitest";

// Before any module of lib/ reads the environment: the store of this run, and a key space for each test file.
const store = inject("bridge");
process.env.UPSTASH_REDIS_REST_URL = store?.url ?? "http://127.0.0.1:1";
process.env.UPSTASH_REDIS_REST_TOKEN = store?.token ?? "none";
process.env.CHAT_PREFIX = `t${randomBytes(4).toString("hex")}:`;
process.env.CHAT_JWT_SECRET = "a secret of the tests that has 32 bytes or more";
process.env.CHAT_GUESTS = "1";
process.env.CHAT_STORE = "local";
for (const ration of ["SEND", "TOKEN", "STREAM"]) process.env[`CHAT_RATE_${ration}`] = "1000000";
