/** A file as its uploader described it; the size is that of its content, in bytes. */
export type StoredFile = { id: string; name: string; type: string; size: number };

/** The request by which a client uploads a file; a URL without an origin is relative to that of the chat. */
export type Upload = { method: "PUT"; url: string; headers: Record<string, string> };

/** What lies in a storage: the size, and the first bytes. */
export type Content = { size: number; head: Uint8Array };

/** Keeps files by their ids. All reject with whatever went wrong on the way to the storage. */
export type Storage = {
  /**
   * Returns a request that uploads this file, of this type and at most this size, and nothing else. It may begin within `UPLOAD_S`. Whether
   * the size is the one that was said, `look` tells.
   */
  upload(file: StoredFile, now: number): Promise<Upload>;
  /** Returns a URL that reads a file without a credential, for `READ_S`. */
  read(file: StoredFile, now: number): Promise<string>;
  /** Looks at what was uploaded; undefined if nothing was. */
  look(file: Pick<StoredFile, "id" | "name">): Promise<Content | undefined>;
  /** Deletes a file, whose name may be forgotten. One that is not there is none afterwards either. */
  remove(id: string): Promise<void>;
};

/** How long an upload may be begun, in seconds. Once it has begun it may take its time; a client that comes later asks again. */
export const UPLOAD_S = 300;
/** How long a file can be read by one URL, in seconds: a film is watched to its end, and the URL is of no use the next day. */
export const READ_S = 3_600;
/** How many bytes of a file are looked at: the signature of every known type lies there. */
export const HEAD_BYTES = 4_096;
