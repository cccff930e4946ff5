/**
 * Stands for `nereid-chat/next` in the Edge Runtime, which lacks what the chat needs of Node: its hashes, its connections to the store, and
 * requests that are held for minutes.
 */
export function chat(): never {
  throw new Error(
    'Cannot run the chat in the Edge Runtime: remove `export const runtime = "edge"` from its route, which needs the Node.js runtime',
  );
}
