// Embeds, attachments, stickers, polls and forwards.

import { h, icon, ICONS } from "../dom.js";
import { cssColor } from "../state.js";
import { richText } from "./text.js";
import { stamp } from "../when.js";

export function embedNode(app, embed, guildId) {
  const rich = (text) => richText(app, text, guildId);
  const title = embed.title && (webUrl(embed.url) ? outside(embed.url, embed.title) : rich(embed.title));
  const fields = (embed.fields ?? []).map((f) => h("div", { class: f.inline ? "field inline" : "field" }, h("strong", {}, rich(f.name)), rich(f.value)));
  const foot = [embed.footer?.text, embed.timestamp && stamp(new Date(embed.timestamp))].filter(Boolean).join(" • ");
  return h(
    "article",
    { class: "embed", style: embed.color ? { "--stripe": cssColor(embed.color) } : null },
    embed.provider?.name && h("p", { class: "embed-small" }, embed.provider.name),
    embed.author?.name && h("p", { class: "embed-author" }, webUrl(embed.author.url) ? outside(embed.author.url, embed.author.name) : embed.author.name),
    title && h("div", { class: "embed-title" }, title),
    embed.description && rich(embed.description),
    fields.length > 0 && h("div", { class: "fields" }, fields),
    picture(app, embed.image ?? embed.thumbnail, embed.title ?? "embedded image"),
    foot && h("p", { class: "embed-small" }, foot),
  );
}

function webUrl(url) {
  return typeof url === "string" && /^https?:\/\//.test(url);
}

function outside(url, text) {
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, text);
}

/** Pictures of this server are shown; those of other sites stay links, so that this page calls nobody. */
export function picture(app, media, alt) {
  if (!media?.url) return null;
  const url = app.localUrl(media.proxy_url ?? media.url) ?? app.localUrl(media.url);
  if (!url) return webUrl(media.url) ? h("p", {}, outside(media.url, `🖼 ${media.url}`)) : null;
  const image = h("img", { class: "picture", src: url, alt: media.description ?? alt, loading: "lazy" });
  reserve(image, media);
  return h("a", { class: "picture-link", href: url, target: "_blank", rel: "noopener" }, image);
}

/** The place is kept before the picture is there: nothing jumps when it arrives. */
function reserve(image, { width, height }) {
  if (!width || !height) return;
  const scale = Math.min(1, 400 / width, 300 / height);
  image.width = Math.round(width * scale);
  image.height = Math.round(height * scale);
}

export function attachmentNode(app, file) {
  const url = app.localUrl(file.url) ?? file.url;
  const type = file.content_type ?? "";
  const hidden = file.filename.startsWith("SPOILER_");
  if (/^image\/(png|jpe?g|gif|webp|svg|avif)/.test(type)) {
    const shown = picture(app, file, file.description ?? file.filename);
    return hidden ? h("details", { class: "attachment" }, h("summary", {}, "Spoiler image"), shown) : h("div", { class: "attachment" }, shown);
  }
  if (type.startsWith("audio/")) return h("div", { class: "attachment file" }, h("p", {}, file.filename), h("audio", { controls: true, src: url, preload: "none" }));
  if (type.startsWith("video/")) return h("div", { class: "attachment" }, h("video", { controls: true, src: url, preload: "none", class: "picture" }));
  return h(
    "div",
    { class: "attachment file" },
    icon(ICONS.file),
    h("div", {}, h("a", { href: url, target: "_blank", rel: "noopener", download: file.filename }, file.filename), h("span", { class: "size" }, byteSize(file.size))),
  );
}

export function byteSize(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  const units = ["KB", "MB", "GB"];
  let size = bytes / 1024;
  let unit = 0;
  while (size >= 1024 && unit < 2) [size, unit] = [size / 1024, unit + 1];
  return `${size.toFixed(size < 10 ? 2 : 1)} ${units[unit]}`;
}

export function pollNode(poll) {
  const counts = new Map((poll.results?.answer_counts ?? []).map((entry) => [entry.id, entry.count]));
  const answers = (poll.answers ?? []).map((a) => h("li", {}, `${a.poll_media?.emoji?.name ?? ""} ${a.poll_media?.text ?? ""} `, h("span", { class: "size" }, `${counts.get(a.answer_id) ?? 0} votes`)));
  return h("div", { class: "embed" }, h("strong", {}, poll.question?.text ?? "Poll"), h("ul", {}, answers));
}

/** A forwarded message: its text and files under a line that says so. */
export function forwardNode(app, { message }, guildId) {
  return h(
    "blockquote",
    { class: "forward" },
    h("p", { class: "embed-small" }, "Forwarded"),
    message.content && richText(app, message.content, guildId),
    (message.embeds ?? []).map((embed) => embedNode(app, embed, guildId)),
    (message.attachments ?? []).map((file) => attachmentNode(app, file)),
  );
}
