import { css } from "lit";

/** Styles of all parts. A page changes them with `::part()`. */
export const theme = css`
  :host {
    display: flex;
    flex-direction: column;
    position: relative;
    box-sizing: border-box;
    container-type: inline-size;
    /* Where the page's box takes its width from its content, as dialogs and popovers do, containment would leave none. */
    contain-intrinsic-inline-size: min(320px, 100vw);
    min-inline-size: 0;
    block-size: min(640px, 100dvh);
    min-block-size: 320px;
    overflow: hidden;
    color: var(--text);
    background: var(--background);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    font: 400 15px/1.45 var(--nereid-font, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif);
    text-align: start;
  }
  :host([hidden]) {
    display: none;
  }
  /* What the text of a page is styled by is inherited through a shadow root. Direction, visibility and cursor remain the page's. */
  :host > * {
    line-height: 1.45;
    letter-spacing: normal;
    word-spacing: normal;
    word-break: normal;
    white-space: normal;
    hyphens: manual;
    text-align: start;
    text-indent: 0;
    text-shadow: none;
    text-transform: none;
    -webkit-text-fill-color: currentcolor;
    -webkit-user-select: text;
    user-select: text;
  }
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
  button,
  input,
  textarea,
  select {
    font: inherit;
    color: inherit;
    margin: 0;
  }
  button {
    border: 0;
    background: none;
    padding: 0;
    cursor: pointer;
    text-align: start;
    -webkit-tap-highlight-color: transparent;
  }
  a {
    color: inherit;
    text-underline-offset: 2px;
  }
  h1,
  h2,
  p,
  ul {
    margin: 0;
    padding: 0;
  }
  ul {
    list-style: none;
  }
  :focus-visible {
    outline: 2px solid var(--focus);
    outline-offset: 2px;
  }
  .icon {
    display: block;
    inline-size: 20px;
    block-size: 20px;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.8;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .turns:dir(rtl) {
    transform: scaleX(-1);
  }
  .quiet {
    color: var(--muted);
    font-size: 13px;
  }
  /* Sentences have their own direction, whatever the page's is. */
  p,
  em,
  small {
    unicode-bidi: plaintext;
  }
  .unseen {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .cut {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    /* A name has its own direction, and stands where the others of its list do. */
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    ::before,
    ::after {
      transition: none !important;
      animation: none !important;
      scroll-behavior: auto !important;
    }
  }
`;
