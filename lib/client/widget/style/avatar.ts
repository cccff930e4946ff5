import { css, unsafeCSS } from "lit";

/** How many colours the initials have. */
export const HUES = 24;

// Classes, since a strict content security policy blocks style attributes.
const hues = Array.from({ length: HUES }, (_, i) => `.hue-${i}{--hue:${(i * 360) / HUES}}`).join("");

/** Pictures, initials, and the dot that shows presence. */
export const avatar = css`
  .avatar {
    position: relative;
    display: block;
    flex: none;
    inline-size: var(--size, 40px);
    block-size: var(--size, 40px);
    font-size: calc(var(--size, 40px) * 0.38);
  }
  .avatar img,
  .initials {
    display: grid;
    place-items: center;
    inline-size: 100%;
    block-size: 100%;
    border-radius: 50%;
    object-fit: cover;
    font-weight: 600;
    letter-spacing: 0.01em;
    color: oklch(var(--initials) var(--hue));
    background: oklch(var(--disc) var(--hue));
  }
  .avatar img {
    position: absolute;
    inset: 0;
    opacity: 0;
    background: var(--background);
  }
  .avatar img.loaded {
    opacity: 1;
  }
  ${unsafeCSS(hues)}
  .avatar.room .initials,
  .avatar.room img {
    border-radius: 32%;
  }
  .dot {
    position: absolute;
    inset-block-end: -1px;
    inset-inline-end: -1px;
    inline-size: 11px;
    block-size: 11px;
    border-radius: 50%;
    border: 2px solid var(--surface);
    background: var(--idle);
  }
  .dot.available {
    background: #23a55a;
  }
  .dot.away {
    background: #e3a008;
  }
  .dot.dnd {
    background: #d93a46;
  }
`;
