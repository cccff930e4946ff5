// More than a picture takes of a conversation, on a dense screen.
const EDGE_MAX = 960;

export type PictureSize = { width: number; height: number };

const sizes = new WeakMap<Blob, PictureSize>();

/** Returns the size of a picture that was drawn before. */
export function sizeOf(picture: Blob): PictureSize | undefined {
  return sizes.get(picture);
}

/**
 * Draws a picture that is not uploaded yet; resolves with its size, and with undefined for what is no picture. Unlike an image with a `blob:`
 * URL, that needs no permission of a content security policy.
 */
export async function drawPicture(canvas: HTMLCanvasElement, picture: Blob): Promise<PictureSize | undefined> {
  const bitmap = await createImageBitmap(picture).catch(() => undefined);
  if (bitmap === undefined) return undefined;
  const { width, height } = bitmap;
  const scale = Math.min(1, EDGE_MAX / Math.max(width, height));
  [canvas.width, canvas.height] = [Math.ceil(width * scale), Math.ceil(height * scale)];
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  sizes.set(picture, { width, height });
  return { width, height };
}
