import type { Attachment } from "../protocol/file.js";

/** How a file is shown: in place, if the deployment serves its type so, else as something to save. */
export type FileKind = "picture" | "film" | "sound" | "other";

const IN_PLACE: readonly [FileKind, RegExp][] = [
  ["picture", /^image\/(png|jpeg|gif|webp|avif)$/],
  ["film", /^video\/(mp4|quicktime|webm|ogg)$/],
  ["sound", /^audio\/(mpeg|aac|mp4|x-m4a|ogg|wav|x-wav|flac|webm)$/],
];

export function kindOf({ contentType = "" }: Pick<Attachment, "contentType">): FileKind {
  return IN_PLACE.find(([, types]) => types.test(contentType))?.[0] ?? "other";
}

/** Returns the type of a file for people, as its name says it: `PDF`. */
export function typeName({ name = "", contentType = "" }: Attachment): string {
  const ending = /\.([^.\s]{1,8})$/.exec(name)?.[1] ?? /^[^/]+\/([a-z0-9]{1,8})$/.exec(contentType)?.[1] ?? "";
  return ending.toUpperCase();
}

/** Formats a size for people; undefined for what is none. */
export function sizeText(size: number | undefined, language: string): string | undefined {
  if (size === undefined || !Number.isFinite(size) || size < 0) return undefined;
  const step = size < 1_000 ? 0 : size < 1_000_000 ? 1 : 2;
  const unit = ["byte", "kilobyte", "megabyte"][step] ?? "byte";
  const format = new Intl.NumberFormat(language, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: step < 2 ? 0 : 1,
  });
  return format.format(size / 1_000 ** step);
}
