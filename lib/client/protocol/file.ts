/** A file that goes with a message: one that `upload` stored, or one that is stored elsewhere. At most 10 in a message. */
export type Attachment = {
  /** An http or https URL, or that of an upload, which `files` signs. */
  url: string;
  name?: string;
  /** A media type, such as `image/png`. */
  contentType?: string;
  /** In bytes. */
  size?: number;
  [extension: string]: unknown;
};

/** A file to send with a message: its content, under its name or another, and for a picture what it shows. */
export type OutgoingFile = { content: Blob; name?: string; alt?: string };

/** A file that can be read by its `url`, without a credential, until it `expires`. */
export type ReadableFile = { id: string; name: string; type: string; size: number; url: string; expires: string };

/** What files the deployment takes: up to `max` bytes, 0 where it takes none, of these media types or ranges such as `image/*`. */
export type FilePage = { max: number; types: string[]; files: ReadableFile[] };
