import type { StorageSettings } from "../config-files.js";
import type { Storage } from "./stored-file.js";

/** Creates the storage of a deployment. Its code is loaded when it is first used: most requests have nothing to do with files. */
export function createStorage(settings: StorageSettings, basePath: string, secret: string): Storage {
  let created: Promise<Storage> | undefined;
  const storage = () => {
    created ??= create(settings, basePath, secret);
    return created;
  };
  return {
    upload: async (file, now) => (await storage()).upload(file, now),
    read: async (file, now) => (await storage()).read(file, now),
    look: async (file) => (await storage()).look(file),
    remove: async (id) => (await storage()).remove(id),
  };
}

async function create(settings: StorageSettings, basePath: string, secret: string): Promise<Storage> {
  if ("folder" in settings) {
    const { createFolder } = await import("./folder.js");
    return createFolder(settings.folder, basePath, secret);
  }
  if ("blobStore" in settings) {
    const { createBlobStore } = await import("./blob-store.js");
    return createBlobStore(settings);
  }
  const { createBucket } = await import("./bucket.js");
  return createBucket(settings);
}
