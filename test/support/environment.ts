import { randomBytes } from "node:crypto";
import { afterAll, inject, vi } from "vitest";
import { beginTestFile, endTestFile } from "./test-file.js";

// Runs before each test file. A worker runs one file after the other and imports each module once, which is twice as fast as a process for
// each file: nothing in lib/ is kept by importing it (test/architecture.test.ts). What else a file leaves behind does not reach the next: stubs,
// the settings of a chat, and its chats.
vi.useRealTimers();
vi.restoreAllMocks();
vi.unstubAllEnvs();
vi.unstubAllGlobals();
for (const name of Object.keys(process.env)) if (/^(CHAT|KV|UPSTASH)_/.test(name)) delete process.env[name];

// The store of this run, and a key space for each test file.
const store = inject("bridge");
process.env.UPSTASH_REDIS_REST_URL = store?.url ?? "http://127.0.0.1:1";
process.env.UPSTASH_REDIS_REST_TOKEN = store?.token ?? "none";
process.env.CHAT_PREFIX = `t${randomBytes(4).toString("hex")}:`;
process.env.CHAT_JWT_SECRET = "a secret of the tests that has 32 bytes or more";
process.env.CHAT_GUESTS = "1";
process.env.CHAT_STORE = "local";
for (const ration of ["SEND", "TOKEN", "GUEST", "STREAM", "REACH"]) process.env[`CHAT_RATE_${ration}`] = "1000000";

beginTestFile();
afterAll(endTestFile);
