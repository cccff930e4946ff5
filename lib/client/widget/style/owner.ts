import { css } from "lit";

/** The user's own controls, above the conversations. */
export const owner = css`
  nereid-owner {
    display: flex;
    align-items: center;
    gap: 4px;
    min-inline-size: 0;
  }
  .seen {
    appearance: none;
    field-sizing: content;
    flex: 0 1 auto;
    min-inline-size: 0;
    max-inline-size: 132px;
    padding: 5px 10px;
    padding-inline-start: 26px;
    border: 1px solid var(--line);
    border-radius: 999px;
    font-size: 13px;
    text-overflow: ellipsis;
    background:
      radial-gradient(circle 4.5px at 15px 50%, var(--dot) 94%, transparent) no-repeat,
      var(--background);
    --dot: #23a55a;
  }
  .seen:dir(rtl) {
    background-position-x: 100%;
    background-image: radial-gradient(circle 4.5px at calc(100% - 15px) 50%, var(--dot) 94%, transparent);
  }
  .seen.away {
    --dot: #e3a008;
  }
  .seen.dnd {
    --dot: #d93a46;
  }
  .seen.invisible {
    --dot: #9aa1ac;
  }
  .seen option {
    color: var(--text);
    background: var(--background);
  }
`;
