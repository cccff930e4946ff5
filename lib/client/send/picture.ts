import { withoutMetadata } from "./metadata.js";

// More than a large screen shows, and what a printed page needs.
const EDGE_MAX = 2_560;
// A picture that is small already loses quality for nothing.
const LARGE_BYTES = 1_500_000;
const QUALITY = 0.85;
// A film whose head does not come within this time is shown without its size.
const PATIENCE_MS = 3_000;

/**
 * Returns what is sent of a file: of a picture all but what it says of place, time and camera; of a large photo a smaller one. Whatever cannot
 * be read as its type says is returned as it is.
 */
export async function forSending(file: Blob): Promise<Blob> {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type)) return file;
  const smaller = file.type === "image/jpeg" && file.size > LARGE_BYTES ? await shrunk(file) : undefined;
  if (smaller !== undefined && smaller.size < file.size) return smaller;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const bare = withoutMetadata(bytes, file.type);
  return bare === bytes ? file : new Blob([bare], { type: file.type });
}

async function shrunk(file: Blob): Promise<Blob | undefined> {
  if (globalThis.createImageBitmap === undefined || globalThis.document === undefined) return undefined;
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, EDGE_MAX / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(bitmap.width * scale), Math.round(bitmap.height * scale)];
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return await new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? undefined), file.type, QUALITY));
  } catch {
    return undefined;
  }
}

/** Returns the width and height of a picture or a film, so that a page can keep their place before they load; nothing if they cannot be read. */
export async function dimensions(file: Blob): Promise<{ width: number; height: number } | undefined> {
  if (globalThis.document === undefined) return undefined;
  if (/^video\//.test(file.type)) return ofFilm(file);
  if (!/^image\//.test(file.type) || /svg/.test(file.type)) return undefined;
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    bitmap.close();
    return { width, height };
  } catch {
    return undefined;
  }
}

function ofFilm(file: Blob): Promise<{ width: number; height: number } | undefined> {
  const video = document.createElement("video");
  const url = URL.createObjectURL(file);
  return new Promise<{ width: number; height: number } | undefined>((resolve) => {
    video.onloadedmetadata = () =>
      resolve(video.videoWidth > 0 ? { width: video.videoWidth, height: video.videoHeight } : undefined);
    video.onerror = () => resolve(undefined);
    setTimeout(() => resolve(undefined), PATIENCE_MS);
    video.preload = "metadata";
    video.src = url;
  }).finally(() => {
    video.removeAttribute("src");
    URL.revokeObjectURL(url);
  });
}
