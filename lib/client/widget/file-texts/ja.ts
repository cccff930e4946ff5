import type { FileStrings } from "../file-strings.js";

/** The texts about files, in Japanese. */
export const files: FileStrings = {
  attach: "ファイルを添付",
  photo: "写真を撮る",
  attached: "メッセージのファイル",
  drop: "ここにファイルをドロップして添付",
  remove: (name) => `${name} を外す`,
  describe: (name) => `${name} の説明を書く`,
  description: "何が写っていますか？",
  enlarge: (name) => `${name} を拡大`,
  previous: "前へ",
  next: "次へ",
  download: (name) => `${name} をダウンロード`,
  uploading: (name) => `${name} をアップロード中`,
  cancel: "キャンセル",
  again: "再試行",
  gone: "このファイルはもうありません。",
  tooLarge: (name, max) => `${name} は ${max} を超えています。`,
  wrongType: (name) => `${name} のようなファイルはここでは送信できません。`,
  empty: (name) => `${name} は空か、読み取れません。`,
  tooMany: (max) => `1 件のメッセージに付けられるファイルは ${max} 個までです。`,
  problems: {
    too_large: "ファイルが大きすぎます。",
    invalid: "ここでは送信できないか、名前と内容が一致しないファイルがあります。",
    unreadable: "選んだ後に変更または削除されたファイルがあります。もう一度選んでください。",
    not_found: "ここではファイルを送信できません。",
    rate_limited: "多くのファイルを送信しました。アップロードは後で自動的に再開します。",
    unreachable: "アップロードが中断しています。自動的に再開します。",
  },
};
