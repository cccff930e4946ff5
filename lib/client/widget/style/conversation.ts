import { css } from "lit";

/** The header of a conversation. */
export const conversation = css`
  nereid-conversation {
    background: var(--background);
  }
  .head {
    gap: 10px;
    border-block-end: 1px solid var(--line);
    --size: 38px;
  }
  .head .dot {
    border-color: var(--background);
  }
  .names {
    flex: 1;
    min-inline-size: 0;
  }
  .names h2 {
    flex: none;
    font-size: 16px;
    line-height: 1.3;
  }
  .names p {
    line-height: 1.3;
  }
  .return {
    margin-inline-start: -8px;
  }
`;
