import { counted, listed } from "../plural.js";
import type { Strings } from "../strings.js";

const LANGUAGE = "ja";

/** All texts of the widget, in Japanese. */
export const strings: Strings = {
  chat: "チャット",
  openChat: "チャットを開く",
  closeChat: "チャットを閉じる",
  chats: "チャット",
  conversations: "会話",
  search: "検索",
  messagesFound: "メッセージ",
  nothingFound: "読み込み済みの範囲では見つかりませんでした。",
  searching: "検索しています…",
  olderConversations: "以前の会話を読み込んでいます…",
  noConversations: "まだ会話がありません。",
  start: "新しい会話",
  pick: "会話を選ぶか、新しく始めてください。",
  back: "会話の一覧に戻る",
  details: "詳細",
  close: "閉じる",
  cancel: "キャンセル",
  save: "保存",
  untitled: "自分のみ",
  you: "自分",
  guest: (name) => `${name}（ゲスト）`,
  unread: (count) => counted(LANGUAGE, count, { other: "未読メッセージ #件" }),
  // Presence
  presence: "自分の状態",
  available: "オンライン",
  away: "退席中",
  dnd: "取り込み中",
  invisible: "オフラインとして表示",
  unavailable: "オフライン",
  members: (count, available) =>
    count === 1
      ? "まだ自分だけです"
      : counted(LANGUAGE, count, { other: "メンバー#人" }) +
        `、${new Intl.NumberFormat(LANGUAGE).format(available)}人がオンライン`,
  typing: (names) =>
    names.length === 1
      ? `${names[0]}さんが入力中…`
      : names.length === 2
        ? `${names[0]}さんと${names[1]}さんが入力中…`
        : "複数の人が入力中…",
  // Messages
  messages: "メッセージ",
  older: "以前のメッセージを読み込んでいます…",
  beginning: "ここが会話の始まりです。",
  newMessages: "新着メッセージ",
  toNewest: "最新のメッセージへ",
  retracted: "このメッセージは削除されました。",
  blockedMessage: "ブロックしている人からのメッセージです。",
  edited: "編集済み",
  pending: "送信待ち",
  sent: "送信済み",
  delivered: "配信済み",
  read: "既読",
  readBy: (names) => `既読：${listed(LANGUAGE, names)}`,
  refused: "未送信",
  discard: "破棄",
  earlier: "以前のメッセージ",
  attachment: "添付ファイル",
  react: "リアクション",
  reactWith: (emoji) => `${emoji}でリアクション`,
  reaction: (emoji, names) => `${emoji} ${listed(LANGUAGE, names)}`,
  reply: "返信",
  edit: "編集",
  retract: "削除",
  actions: "メッセージの操作",
  copy: "コピー",
  more: "すべて表示",
  less: "折りたたむ",
  withdraw: "送信しない",
  // Reports
  report: "報告",
  reporting: {
    ask: "このメッセージを報告しますか？",
    reasons: {
      spam: "スパムや広告",
      abuse: "侮辱や嫌がらせ",
      danger: "暴力、脅迫、自傷行為",
      other: "その他",
    },
    text: "モデレーターに伝えたいこと（任意）",
    what: "モデレーターにはメッセージとあなたの名前が表示されます。投稿者には通知されません。",
    reported: "ありがとうございます。モデレーターがメッセージを確認し、対応を決めます。",
  },
  // Composer
  write: "メッセージを入力",
  writeTo: (title) => `${title}へのメッセージ`,
  send: "送信",
  replyingTo: (name) => `${name}さんに返信`,
  editing: "メッセージを編集しています",
  everybody: "ここにいる全員",
  noPreview: "プレビューなしで送信",
  noVoice: "ここでは閲覧のみで、書き込みはできません。",
  // New conversations
  people: "相手",
  searchPeople: "相手を検索",
  nobodyFound: "見つかりませんでした。",
  nobody: "まだ連絡先がありません。ルームを作り、リンクで招待してください。",
  roomName: "ルームの名前",
  optional: "2人の場合は省略可",
  begin: "開始",
  code: "招待コード",
  join: "参加",
  joinAsk: "この会話に参加しますか？",
  joinRoom: (title) => `「${title}」に参加しますか？`,
  invitedBy: (name, members) =>
    `${name}さんからの招待です。 ${counted(LANGUAGE, members, { other: "#人が参加しています。" })}`,
  joinWarning:
    "リンクからこのページが開かれました。送り主がわかる場合だけ参加してください。参加者全員に、あなたの名前と書き込みが見えます。",
  // Details
  rename: "名前を変更",
  invite: "リンクで招待",
  copied: "コピーしました。招待したい人に送ってください。",
  mute: "通知を止める",
  unmute: "通知を再開",
  block: "ブロック",
  unblock: "ブロックを解除",
  leave: "退出",
  sure: (action) => `${action}：よろしいですか？`,
  blocked: "ブロック中",
  roles: { owner: "オーナー", member: "", visitor: "閲覧者" },
  // Notifications
  notify: "デスクトップ通知をオンにする",
  notifying: "デスクトップ通知をオフにする",
  // Connection
  connecting: "接続しています…",
  yourName: "お名前",
  offline: "接続がありません。書いた内容は、接続が戻ると送信されます。",
  failed: "チャットに接続できません。",
  failures: {
    unreachable: "チャットに到達できません。",
    unauthenticated: "ログインしていません。",
    token_unknown: "チャットへのアクセスの有効期限が切れました。",
    origin_not_allowed: "このページではチャットを使えません。",
    banned: "このチャットは利用できません。",
    rate_limited: "リクエストが多すぎます。まもなく再開します。",
    unavailable: "チャットに障害が起きています。まもなく復旧します。",
  },
  problems: {
    rate_limited: "操作が速すぎます。少し待ってからもう一度お試しください。",
    slow_mode: "このルームは低速モードです。メッセージの間隔を空けてください。",
    banned: "このチャットは利用できません。",
    message_not_found: "このメッセージはもうありません。",
    thread_not_found: "この会話はもうありません。",
    forbidden: "ここではその操作はできません。",
    cannot_send: "ここには書き込めません。",
    too_large: "長すぎます。",
    unreachable: "チャットに到達できません。もう一度お試しください。",
    not_a_contact: "この人には書き込めません。",
    not_found: "この招待は無効になりました。",
    other: "うまくいきませんでした。",
  },
};
