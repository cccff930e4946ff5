import { ConfigError } from "./config-error.js";

/** Where files are kept, and which ones are taken. */
export type FileSettings = {
  max: number;
  /** Media types, and ranges of them such as `image/*`. */
  types: readonly string[];
  /** Undefined where this deployment keeps no files. */
  storage: StorageSettings | undefined;
};

/** A folder of this machine, a bucket, or a store of Vercel Blob. */
export type StorageSettings = { folder: string } | Bucket | BlobStore;

/** An S3-compatible bucket, and the key that may use it; whether it is asked to write `once`, never over what is there. */
export type Bucket = {
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  once: boolean;
};

/** A private store of Vercel Blob. Without a token of its own, a deployment on Vercel identifies itself. */
export type BlobStore = { blobStore: string; token: string | undefined };

type Given = {
  fileMax: number;
  fileTypes: readonly string[];
  filesFolder: string | undefined;
  s3Endpoint: string | undefined;
  s3Bucket: string | undefined;
  s3Region: string;
  s3AccessKeyId: string | undefined;
  s3SecretAccessKey: string | undefined;
  s3WriteOnce: boolean | undefined;
  blobToken: string | undefined;
  blobStoreId: string | undefined;
};

/**
 * Parses the settings of files. What is set for the chat comes before what the platform sets for a whole project: a bucket, then a folder, then
 * Vercel Blob. Throws `ConfigError` for a bucket of which something is missing.
 */
export function parseFiles(given: Given): FileSettings {
  const { fileMax: max, fileTypes: types, filesFolder, blobToken, blobStoreId, ...s3 } = given;
  const folder = filesFolder === undefined ? undefined : { folder: filesFolder };
  return { max, types, storage: bucketOf(s3) ?? folder ?? blobStoreOf(blobToken, blobStoreId) };
}

type GivenBucket = Omit<Given, "fileMax" | "fileTypes" | "filesFolder" | "blobToken" | "blobStoreId">;

function bucketOf(given: GivenBucket): Bucket | undefined {
  const { s3Endpoint, s3Bucket, s3Region: region, s3AccessKeyId, s3SecretAccessKey, s3WriteOnce } = given;
  if ([s3Endpoint, s3Bucket, s3AccessKeyId, s3SecretAccessKey].every((it) => it === undefined)) return undefined;
  const endpoint = needed(s3Endpoint, "CHAT_S3_ENDPOINT", "s3Endpoint").replace(/\/+$/, "");
  return {
    endpoint,
    bucket: needed(s3Bucket, "CHAT_S3_BUCKET", "s3Bucket"),
    region,
    accessKeyId: needed(s3AccessKeyId, "CHAT_S3_ACCESS_KEY_ID", "s3AccessKeyId"),
    secretAccessKey: needed(s3SecretAccessKey, "CHAT_S3_SECRET_ACCESS_KEY", "s3SecretAccessKey"),
    once: s3WriteOnce ?? WRITES_ONCE.test(new URL(endpoint).hostname),
  };
}

// AWS since August 2024, and R2: both document that a PutObject with `If-None-Match: *` is refused where there is an object. Others refuse every
// upload with that header (Backblaze B2), or ignore it.
const WRITES_ONCE = /\.(amazonaws\.com(\.cn)?|r2\.cloudflarestorage\.com)$/i;

function needed(value: string | undefined, variable: string, option: string): string {
  if (value !== undefined) return value;
  throw new ConfigError(`Cannot keep files in a bucket: ${variable}, or the option ${option}, is missing`);
}

/** Which store it is, its token says. An empty token stands for no store, where the platform names one that is not for files of the chat. */
function blobStoreOf(token: string | undefined, storeId: string | undefined): BlobStore | undefined {
  if (token === "") return undefined;
  const id = token === undefined ? storeId?.replace(/^store_/, "") : token.split("_")[3];
  return id === undefined ? undefined : { blobStore: id, token };
}
