export type Attachment = {
  url: string;
  name?: string;
  contentType?: string;
  size?: number;
  [extension: string]: unknown;
};

/** A file to send with a message: its content, under its name or another, and for a picture what it shows. */
export type OutgoingFile = { content: Blob; name?: string; alt?: string };

/** A file that can be read by its `url`, without a credential, until it `expires`. */
export type ReadableFile = { id: string; name: string; type: string; size: number; url: string; expires: string };

/** What files the deployment takes: up to `max` bytes, of these media types or ranges such as `image/*`. */
export type FilePage = { max: number; types: string[]; files: ReadableFile[] };
