import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Chat, ChatEvent } from "./protocol/chat.js";
import type { ReadableFile } from "./protocol/file.js";
import { linksOf, renewal } from "./view/file-links.js";
import { applyUpload, type Upload, type Uploads } from "./view/uploads.js";

export type { ReadableFile, Upload, Uploads };

// What could not be asked for is asked for again after this time.
const RETRY_MS = 10_000;
const RENEWAL_MIN_MS = 1_000;

type Files = ReadonlyMap<string, ReadableFile | null>;

/**
 * Returns files by their ids, each with a `url` for an `<img>`, a `<video>` or a link, which is replaced before its hour ends. A file that is gone, or not for
 * this user, is null; one that is not known yet is missing.
 *
 * @example const files = useFiles(live, ["LS0gdGhlIGlkIG9mIGEgZg"]);
 */
export function useFiles({ chat }: { chat: Chat | undefined }, ids: readonly string[]): Files {
  const [files, setFiles] = useState<Files>(NO_FILES);
  const wanted = ids.join();
  useEffect(() => {
    setFiles(NO_FILES);
    if (chat === undefined || wanted === "") return;
    const each = wanted.split(",").map((id) => follow(chat, id, (it) => setFiles((all) => new Map(all).set(id, it))));
    return () => {
      for (const end of each) end();
    };
  }, [chat, wanted]);
  return files;
}

/** Tells of a file now and whenever it has another URL; returns a function that ends that. */
function follow(chat: Chat, id: string, tell: (file: ReadableFile | null) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const later = (ms: number) => {
    if (!ended) timer = setTimeout(load, Math.max(ms, RENEWAL_MIN_MS));
  };
  const load = async () => {
    try {
      const found = await linksOf(chat).get(id);
      if (!ended) tell(found ?? null);
      if (found !== undefined) later(renewal(found, Date.now()));
    } catch {
      later(RETRY_MS);
    }
  };
  void load();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/** Returns how far the files of messages that wait are uploaded. */
export function useUploads(chat: Chat | undefined): Uploads {
  const latest = useRef(NO_UPLOADS);
  const subscribe = useCallback(
    (changed: () => void) => {
      latest.current = NO_UPLOADS;
      const apply = (event: ChatEvent) => {
        const next = applyUpload(latest.current, event);
        if (next === latest.current) return;
        latest.current = next;
        changed();
      };
      const each = [chat?.on("upload", apply), chat?.on("message", apply)];
      return () => {
        for (const end of each) end?.();
      };
    },
    [chat],
  );
  return useSyncExternalStore(
    subscribe,
    () => latest.current,
    () => NO_UPLOADS,
  );
}

const NO_FILES: Files = new Map();
const NO_UPLOADS: Uploads = new Map();
