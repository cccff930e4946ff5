import { css } from "lit";

/** The place of the launcher: a corner of the page, over what is there. Its button has a style of its own, which is loaded with it. */
export const corner = css`
  :host([launcher]) {
    display: block;
    position: fixed;
    inset-block-end: max(20px, env(safe-area-inset-bottom));
    inset-inline-end: max(20px, env(safe-area-inset-right));
    inline-size: 56px;
    block-size: 56px;
    min-block-size: 0;
    container-type: normal;
    overflow: visible;
    border: 0;
    background: none;
    /* Above what pages put over their content. */
    z-index: 2147483000;
  }
  :host([launcher][hidden]) {
    display: none;
  }
  @media print {
    :host([launcher]) {
      display: none;
    }
  }
`;
