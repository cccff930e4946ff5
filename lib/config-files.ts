import { ConfigError } from "./config-error.js";

/** Where files are kept, and which ones are taken. */
export type FileSettings = {
  max: number;
  /** Media types, and ranges of them such as `image/*`. */
  types: readonly string[];
  /** Undefined where this deployment keeps no files. */
  storage: { folder: string } | Bucket | undefined;
};

/** An S3-compatible bucket, and the key that may use it. */
export type Bucket = { endpoint: string; bucket: string; region: string; accessKeyId: string; secretAccessKey: string };

type Given = {
  fileMax: number;
  fileTypes: readonly string[];
  filesFolder: string | undefined;
  s3Endpoint: string | undefined;
  s3Bucket: string | undefined;
  s3Region: string;
  s3AccessKeyId: string | undefined;
  s3SecretAccessKey: string | undefined;
};

/** Parses the settings of files. Throws `ConfigError` for a bucket of which something is missing. */
export function parseFiles({ fileMax: max, fileTypes: types, filesFolder, ...s3 }: Given): FileSettings {
  const folder = filesFolder === undefined ? undefined : { folder: filesFolder };
  return { max, types, storage: bucketOf(s3) ?? folder };
}

function bucketOf(given: Omit<Given, "fileMax" | "fileTypes" | "filesFolder">): Bucket | undefined {
  const { s3Endpoint, s3Bucket, s3Region: region, s3AccessKeyId, s3SecretAccessKey } = given;
  if ([s3Endpoint, s3Bucket, s3AccessKeyId, s3SecretAccessKey].every((it) => it === undefined)) return undefined;
  return {
    endpoint: needed(s3Endpoint, "CHAT_S3_ENDPOINT", "s3Endpoint").replace(/\/+$/, ""),
    bucket: needed(s3Bucket, "CHAT_S3_BUCKET", "s3Bucket"),
    region,
    accessKeyId: needed(s3AccessKeyId, "CHAT_S3_ACCESS_KEY_ID", "s3AccessKeyId"),
    secretAccessKey: needed(s3SecretAccessKey, "CHAT_S3_SECRET_ACCESS_KEY", "s3SecretAccessKey"),
  };
}

function needed(value: string | undefined, variable: string, option: string): string {
  if (value !== undefined) return value;
  throw new ConfigError(`Cannot keep files in a bucket: ${variable}, or the option ${option}, is missing`);
}
