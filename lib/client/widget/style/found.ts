import { css } from "lit";

/** What a search finds. */
export const found = css`
  nereid-found .preview {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    white-space: normal;
    overflow-wrap: anywhere;
  }
  mark {
    border-radius: 3px;
    color: inherit;
    font-weight: 600;
    background: var(--chosen);
    text-decoration: underline;
  }
  .further {
    display: block;
    margin: 4px auto 12px;
  }
`;
