/** All words of photos, video and sound, on the phone and at the desk, in both languages. */
import { words } from "../i18n.ts";

export const t = words({
  // on the phone
  title: { zh: "发照片、视频或录音", en: "Send a photo, video or sound" },
  photo: { zh: "照片", en: "Photo" },
  video: { zh: "视频", en: "Video" },
  sound: { zh: "录音", en: "Sound" },
  choosePhoto: { zh: "选照片", en: "Choose photo" },
  chooseVideo: { zh: "选视频", en: "Choose video" },
  quietWhy: { zh: "静默报警时不打开相机：它可能发声或闪光。只能选手机里已有的。", en: "In a silent alarm the camera is not opened: it might click or flash. You can send what is on the phone." },
  stop: { zh: "停止录音 {time}", en: "Stop {time}" },
  noMicrophone: { zh: "不能录音：未获允许，或没有麦克风。", en: "No recording: it is not allowed, or there is no microphone." },
  urgentFirst: { zh: "报警总是先发；文件随后自动发送，断网会继续。", en: "The alarm always goes first. Files follow by themselves and go on after a break." },
  recording: { zh: "正在录音", en: "recording" },
  waiting: { zh: "等待发送", en: "waiting" },
  sending: { zh: "正在发送 {percent}%", en: "sending {percent}%" },
  finishing: { zh: "正在保存…", en: "being stored…" },
  sent: { zh: "已送达中心", en: "arrived at the center" },
  refused: { zh: "未被接受", en: "not accepted" },
  stuck: { zh: "还没发出去，会自动再试", en: "not sent yet; it tries again by itself" },
  retry: { zh: "现在再试", en: "Try again now" },
  remove: { zh: "不发了", en: "Do not send" },
  show: { zh: "查看", en: "Show" },
  tooLarge: { zh: "文件太大：最多 25 MB", en: "Too large: 25 MB at most" },
  tooMany: { zh: "一次报警最多 20 个文件", en: "20 files an alarm at most" },
  notKept: { zh: "手机存不下：请保持页面打开", en: "This phone cannot keep it: leave this page open" },

  // at the desk
  files: { zh: "照片、视频和录音", en: "Photos, video, sound" },
  none: { zh: "报警人还没有发来文件。", en: "The caller has sent no files." },
  one_photo: { zh: "照片 {n}", en: "Photo {n}" },
  one_video: { zh: "视频 {n}", en: "Video {n}" },
  one_sound: { zh: "录音 {n}", en: "Sound {n}" },
  removed: { zh: "已删除", en: "removed" },
  hidden: { zh: "警情已结束，不再显示", en: "the alarm is over: not shown any more" },
  open: { zh: "打开{what}", en: "Open {what}" },
  close: { zh: "关闭", en: "Close" },
  before: { zh: "上一个", en: "Previous" },
  next: { zh: "下一个", en: "Next" },
  place: { zh: "{n} / {of}", en: "{n} of {of}" },
  copy: { zh: "这是去除了拍摄地点等信息的副本。原件已封存。", en: "This is a copy without its place and device data. The original is sealed." },
  original: { zh: "这是原件：可能含有拍摄地点和设备信息，请勿转发。", en: "This is the original: it may hold the place and the device. Do not pass it on." },
  cannotShow: { zh: "这张照片无法在此显示，只能下载原件。", en: "This picture cannot be shown here. Only the original can be fetched." },
  fetch: { zh: "下载原件", en: "Download the original" },
  digest: { zh: "原件 SHA-256（已写入值班簿）", en: "SHA-256 of the original, as it stands in the book" },
  trouble: { zh: "打不开，请重试", en: "It does not open. Try again" },
});

export type Word = Parameters<typeof t>[0];
