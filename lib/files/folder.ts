import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { HEAD_BYTES, READ_S, type Storage, type StoredFile, UPLOAD_S } from "./stored-file.js";
import { seal, type Ticket } from "./ticket.js";

// The ticket has the type of the file. As JSON, a form or text, an upload would be parsed, or refused, by the server that the chat is mounted in.
const UPLOAD_HEADERS = { "content-type": "application/octet-stream" } as const;

/**
 * Keeps files in a folder of this machine, each under its id, so that no name reaches the disk. The chat itself serves them, by URLs that it
 * has signed.
 */
export function createFolder(folder: string, basePath: string, secret: string): Storage {
  const urlOf = (action: Ticket["action"], file: StoredFile, seconds: number, now: number) =>
    `${basePath}/files/${file.id}/content?ticket=${seal({ action, file, until: now + seconds * 1_000 }, secret)}`;
  return {
    async upload(file, now) {
      return { method: "PUT", url: urlOf("write", file, UPLOAD_S, now), headers: UPLOAD_HEADERS };
    },
    async read(file, now) {
      return urlOf("read", file, READ_S, now);
    },
    async look({ id }) {
      const file = await openStored(folder, id);
      if (file === undefined) return undefined;
      try {
        const { size } = await file.stat();
        const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
        return { size, head: buffer.subarray(0, bytesRead) };
      } finally {
        await file.close();
      }
    },
    async remove(id) {
      await rm(join(folder, id), { force: true });
    },
  };
}

/** Opens a file of a folder; undefined if it is not there. */
export async function openStored(folder: string, id: string) {
  return open(join(folder, id)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

/**
 * Writes a file, whole or not at all, and never over another: what was uploaded, and perhaps sent, stays as it is. Returns false, and keeps
 * nothing, unless the content has the size that was said.
 */
export async function writeStored(
  folder: string,
  { id, size }: StoredFile,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<boolean> {
  const known = await openStored(folder, id);
  if (known !== undefined) return known.close().then(() => true);
  // In a folder for temporary files, others must not read it.
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const part = join(folder, `${id}.${randomBytes(6).toString("hex")}.part`);
  const file = await open(part, "wx");
  try {
    let written = 0;
    for await (const chunk of content) {
      written += chunk.byteLength;
      if (written > size) return false;
      await file.writeFile(chunk);
    }
    if (written !== size) return false;
    await rename(part, join(folder, id));
    return true;
  } finally {
    await file.close();
    await rm(part, { force: true });
  }
}
