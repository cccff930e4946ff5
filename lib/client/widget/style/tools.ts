import { css } from "lit";

/** The actions on a message. */
export const tools = css`
  .tools {
    position: absolute;
    inset-block-start: -18px;
    inset-inline-end: 8px;
    display: flex;
    align-items: center;
    padding: 2px;
    border: 1px solid var(--line);
    border-radius: 11px;
    background: var(--background);
    box-shadow: 0 2px 10px rgb(0 0 0 / 0.12);
    z-index: 2;
  }
  .row.own .tools {
    inset-inline: auto 8px;
  }
  .tools .tool {
    inline-size: 30px;
    block-size: 30px;
    border-radius: 8px;
  }
  .tools .icon {
    inline-size: 18px;
    block-size: 18px;
  }
  .tools .emoji {
    font-size: 17px;
    line-height: 1;
  }
  .sure {
    padding: 4px 10px;
    border-radius: 8px;
    font-size: 13px;
    font-weight: 600;
    color: #ffffff;
    background: #b3212d;
  }
`;
