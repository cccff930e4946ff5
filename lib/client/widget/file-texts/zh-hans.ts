import type { FileStrings } from "../file-strings.js";

/** The texts about files, in Simplified Chinese. */
export const files: FileStrings = {
  attach: "添加文件",
  photo: "拍照",
  attached: "消息中的文件",
  drop: "将文件拖放到此处以添加",
  remove: (name) => `移除 ${name}`,
  describe: (name) => `描述 ${name}`,
  description: "图中有什么？",
  enlarge: (name) => `放大 ${name}`,
  previous: "上一个",
  next: "下一个",
  download: (name) => `下载 ${name}`,
  uploading: (name) => `正在上传 ${name}`,
  cancel: "取消",
  again: "重试",
  gone: "此文件已不存在。",
  tooLarge: (name, max) => `${name} 超过 ${max}。`,
  wrongType: (name) => `此处不能发送 ${name} 这样的文件。`,
  empty: (name) => `${name} 是空的或无法读取。`,
  tooMany: (max) => `一条消息最多有 ${max} 个文件。`,
  problems: {
    too_large: "有文件过大。",
    invalid: "有文件不能在此发送，或与其名称不符。",
    unreadable: "有文件在选择后被更改或移除。请重新选择。",
    not_found: "此处不能发送文件。",
    rate_limited: "您已发送许多文件。上传稍后会自动继续。",
    unreachable: "上传已中断，会自动继续。",
  },
};
