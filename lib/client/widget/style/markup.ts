import { css } from "lit";

/** The HTML of a message. */
export const markup = css`
  .markup {
    white-space: normal;
  }
  .markup > :first-child {
    margin-block-start: 0;
  }
  .markup > :last-child {
    margin-block-end: 0;
  }
  .markup ul {
    padding-inline-start: 20px;
    list-style: disc;
  }
  /* What is nested deeply would leave no room for text. */
  .markup :is(ul, ol, blockquote) :is(ul, ol, blockquote) :is(ul, ol, blockquote) {
    padding-inline-start: 0;
  }
  .markup blockquote {
    margin: 6px 0;
    padding-inline-start: 10px;
    border-inline-start: 3px solid currentColor;
  }
  .markup code,
  .markup pre {
    font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace;
    white-space: pre-wrap;
  }
  .markup :is(pre, :not(pre) > code) {
    border-radius: 6px;
    background: rgb(128 128 128 / 16%);
  }
  .markup pre {
    margin: 6px 0;
    padding: 7px 10px;
  }
  .markup :not(pre) > code {
    padding-inline: 4px;
  }
`;
