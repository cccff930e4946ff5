import { css } from "lit";

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
    color: light-dark(oklch(0.38 0.09 var(--hue)), oklch(0.92 0.05 var(--hue)));
    background: light-dark(oklch(0.91 0.05 var(--hue)), oklch(0.4 0.07 var(--hue)));
  }
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
    background: light-dark(#9aa1ac, #6d7380);
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
