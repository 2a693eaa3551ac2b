// The markdown tree as DOM nodes. Links only to http(s); names come from the store, never from the text.

import { h } from "../dom.js";
import { parse } from "../markdown.js";
import { discordTime, fullTime } from "../when.js";
import { isOnlyEmoji } from "../emoji.js";

const JUMP = /^https?:\/\/(?:(?:ptb|canary)\.)?discord(?:app)?\.com\/channels\/(\d+|@me)\/(\d+)(?:\/(\d+))?\/?$/;

/** Renders a message's or an embed's text. `guildId` decides which nicks and roles mentions show. */
export function richText(app, text, guildId) {
  const scope = { app, guildId };
  const box = h("div", { class: isOnlyEmoji(text) ? "rich jumbo" : "rich" });
  for (const node of parse(text)) box.append(block(scope, node));
  return box;
}

function block(scope, node) {
  const inline = () => node.children.map((child) => inlineNode(scope, child));
  switch (node.type) {
    case "paragraph":
      return h("p", {}, inline());
    case "heading":
      return h(`h${node.level + 2}`, { class: `md-h${node.level}` }, inline());
    case "subtext":
      return h("p", { class: "subtext" }, inline());
    case "quote":
      return h("blockquote", {}, node.children.map((child) => block(scope, child)));
    case "code":
      return codeBlock(node);
    default:
      return list(scope, node);
  }
}

function list(scope, node) {
  const items = node.items.map((children) => h("li", {}, children.map((c) => (c.type === "list" ? list(scope, c) : inlineNode(scope, c)))));
  return h(node.ordered ? "ol" : "ul", node.ordered ? { start: node.start } : {}, items);
}

function codeBlock(node) {
  const copy = async (event) => {
    await navigator.clipboard?.writeText(node.text);
    event.target.textContent = "Copied";
  };
  const head = h("div", { class: "code-head" }, h("span", {}, node.language), h("button", { type: "button", onclick: copy }, "Copy"));
  return h("div", { class: "code" }, head, h("pre", { tabindex: "0" }, h("code", {}, node.text)));
}

const TAGS = { bold: "strong", italic: "em", underline: "u", strike: "s" };

function inlineNode(scope, node) {
  const inner = () => node.children.map((child) => inlineNode(scope, child));
  switch (node.type) {
    case "text":
      return document.createTextNode(node.text);
    case "inlineCode":
      return h("code", { class: "inline-code" }, node.text);
    case "link":
      return link(scope, node, inner());
    case "spoiler":
      return spoiler(inner());
    case "time":
      return time(node);
    case "emoji":
      return customEmoji(scope.app, node);
    case "everyone":
      return h("span", { class: "mention" }, `@${node.name}`);
    case "command":
      return h("span", { class: "mention" }, `/${node.name}`);
    case "user":
    case "role":
    case "channel":
      return mention(scope, node);
    default:
      return h(TAGS[node.type], {}, inner());
  }
}

function mention({ app, guildId }, { type, id }) {
  const { store } = app;
  if (type === "user") {
    const user = store.users.get(id);
    const mine = id === store.me?.id ? " me" : "";
    return h("span", { class: `mention${mine}`, title: user ? `@${user.username}` : null }, user ? `@${store.nameOf(user, guildId)}` : "@unknown user");
  }
  if (type === "role") {
    const role = store.guilds.get(guildId)?.roles.get(id);
    return h("span", { class: "mention" }, role ? `@${role.name.replace(/^@/, "")}` : "@unknown role");
  }
  const channel = store.channels.get(id);
  if (!channel || !store.visible(channel)) return h("span", { class: "mention" }, channel ? "#no-access" : "#unknown");
  return h("button", { type: "button", class: "mention", onclick: () => app.open(id) }, `#${channel.name}`);
}

function link({ app }, node, children) {
  const jump = JUMP.exec(node.url);
  if (!jump) return h("a", { href: node.url, target: "_blank", rel: "noopener noreferrer nofollow", title: node.masked ? node.url : null }, children);
  const [, , channelId, messageId] = jump;
  const go = (event) => {
    event.preventDefault();
    app.open(channelId, messageId);
  };
  const channel = app.store.channels.get(channelId);
  const label = node.masked ? children : `#${channel && app.store.visible(channel) ? app.store.channelTitle(channel) : "unknown"}${messageId ? " › message" : ""}`;
  return h("a", { href: `#/channels/${jump[1]}/${channelId}${messageId ? `/${messageId}` : ""}`, class: node.masked ? null : "mention", onclick: go }, label);
}

function spoiler(children) {
  const inner = h("span", { class: "spoiler-text", inert: true }, children);
  const box = h("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler, show it", "aria-expanded": "false" }, inner);
  const reveal = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    if (box.classList.contains("shown")) return;
    event.preventDefault();
    event.stopPropagation();
    box.classList.add("shown");
    box.removeAttribute("aria-label");
    box.setAttribute("aria-expanded", "true");
    inner.inert = false;
  };
  box.addEventListener("click", reveal);
  box.addEventListener("keydown", reveal);
  return box;
}

function time({ unix, style }) {
  const date = new Date(unix * 1000);
  const valid = !Number.isNaN(date.getTime());
  return h(
    "time",
    { class: "timestamp", datetime: valid ? date.toISOString() : null, title: valid ? fullTime(date) : null, dataset: style === "R" ? { relative: unix } : null },
    discordTime(unix, style),
  );
}

export function customEmoji(app, emoji) {
  if (!emoji.id) return h("span", { class: "emoji" }, emoji.name ?? "");
  const image = h("img", { class: "emoji", src: app.emojiUrl(emoji), alt: `:${emoji.name}:`, title: `:${emoji.name}:`, loading: "lazy" });
  image.addEventListener("error", () => image.replaceWith(`:${emoji.name}:`));
  return image;
}
