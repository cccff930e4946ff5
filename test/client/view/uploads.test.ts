import { describe, expect, it } from "vitest";
import { applyUpload, type Uploads } from "../../../lib/client/view/uploads.js";

const NONE: Uploads = new Map();
const upload = (file: number, sent: number) => ({ type: "upload", id: "m", file, sent, size: 10 }) as const;
const message = { id: "m", thread: "t", timestamp: "" };

describe("uploads", () => {
  it("are noted for each file of a message", () => {
    const uploads = applyUpload(applyUpload(NONE, upload(1, 5)), upload(0, 2));
    expect(uploads.get("m")).toEqual([
      { sent: 2, size: 10 },
      { sent: 5, size: 10 },
    ]);
  });

  it("say why one waits, until it goes on", () => {
    const problem = { code: "rate_limited", status: 429 };
    const waiting = applyUpload(NONE, { ...upload(0, 0), problem });
    expect(waiting.get("m")).toEqual([{ sent: 0, size: 10, problem }]);
    expect(applyUpload(waiting, upload(0, 1)).get("m")).toEqual([{ sent: 1, size: 10 }]);
  });

  it("are forgotten once the message is sent or refused", () => {
    const uploads = applyUpload(NONE, upload(0, 2));
    expect(applyUpload(uploads, { type: "message", message, pending: true })).toBe(uploads);
    expect(applyUpload(uploads, { type: "message", message: { ...message, seq: 1 } }).size).toBe(0);
    const refused = { code: "invalid", status: 400 };
    expect(applyUpload(uploads, { type: "message", message, refused }).size).toBe(0);
    expect(applyUpload(uploads, { type: "message", message: { ...message, id: "n", seq: 1 } })).toBe(uploads);
  });
});
