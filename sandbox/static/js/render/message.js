// One message as an element, made of parts, so that an update touches only the parts that changed.

import { avatar, h, icon, ICONS } from "../dom.js";
import { sameEmoji } from "../events.js";
import { plainLine } from "../names.js";
import { timeOfId } from "../snowflake.js";
import { clockTime, fullTime, sameDay, stamp } from "../when.js";
import { componentNode } from "./components.js";
import { attachmentNode, embedNode, forwardNode, pollNode } from "./embeds.js";
import { customEmoji, richText } from "./text.js";

export const FLAGS = { ephemeral: 64, loading: 128, noEmbeds: 4, thread: 32 };
const PLAIN_TYPES = new Set([0, 19, 20, 23]);
const GROUP_WINDOW = 7 * 60 * 1000;

export function dateOf(message) {
  return message.timestamp ? new Date(message.timestamp) : timeOfId(message.id);
}

/** Whether a message continues the one before it: same person, shortly after, nothing of its own on top. */
export function continues(previous, message) {
  if (!previous || !PLAIN_TYPES.has(previous.type ?? 0) || (message.type ?? 0) !== 0 || message.interaction_metadata) return false;
  if (previous.author.id !== message.author.id || ((previous.flags ?? 0) & 64) !== ((message.flags ?? 0) & 64)) return false;
  const [before, now] = [dateOf(previous), dateOf(message)];
  return sameDay(before, now) && now - before < GROUP_WINDOW;
}

export function messageNode(app, message, { previous, divider }) {
  const grouped = continues(previous, message);
  const system = !PLAIN_TYPES.has(message.type ?? 0);
  const flags = message.flags ?? 0;
  const classes = ["message", grouped && "grouped", system && "system", flags & FLAGS.ephemeral && "ephemeral", mentionsMe(app, message) && "pinged"];
  const newDay = !previous || !sameDay(dateOf(previous), dateOf(message));
  const parts = [
    ["day", newDay && dayLine(message)],
    ["new", divider && h("div", { class: "new-line", role: "separator" }, h("span", {}, "New"))],
    ["quoted", quoted(app, message)],
    ["face", face(app, message, grouped, system)],
    ["head", !grouped && !system && head(app, message)],
    ["body", body(app, message, system)],
    ["extras", extras(app, message)],
    ["reactions", reactions(app, message)],
    ["thread", message.thread && threadLink(app, message.thread)],
    ["foot", flags & FLAGS.ephemeral && ephemeralNote(app, message)],
    ["tools", tools(app, message)],
  ];
  const element = h("li", { class: classes.filter(Boolean).join(" "), id: `m-${message.id}`, tabindex: "-1", dataset: { id: message.id } });
  for (const [name, node] of parts) {
    if (!node) continue;
    node.dataset.part = name;
    element.append(node);
  }
  return element;
}

/** Brings `old` to what `fresh` shows, keeping every part that did not change (and its focus, spoilers, selection). */
export function patchMessage(old, fresh) {
  old.className = fresh.className;
  const kept = new Map([...old.children].map((node) => [node.dataset.part, node]));
  const parts = [...fresh.children].map((node) => {
    const before = kept.get(node.dataset.part);
    return before && (before.isEqualNode(node) || before.contains(document.activeElement) && node.dataset.part === "tools") ? before : node;
  });
  const same = parts.length === old.children.length && parts.every((node, index) => node === old.children[index]);
  if (same) return;
  for (const node of [...old.children]) if (!parts.includes(node)) node.remove();
  parts.forEach((node, index) => {
    if (old.children[index] !== node) old.insertBefore(node, old.children[index] ?? null);
  });
}

function mentionsMe(app, message) {
  const { me } = app.store;
  if (!me || message.author.id === me.id) return false;
  const mine = app.store.member(app.guildOf(message), me.id)?.roles ?? [];
  return message.mention_everyone || (message.mentions ?? []).some((u) => u.id === me.id) || (message.mention_roles ?? []).some((id) => mine.includes(id));
}

function dayLine(message) {
  const date = dateOf(message);
  return h("div", { class: "day-line", role: "separator" }, h("span", {}, new Intl.DateTimeFormat("en", { dateStyle: "full" }).format(date)));
}

function quoted(app, message) {
  const meta = message.interaction_metadata;
  if (meta && message.type === 20) {
    const user = app.store.learnUser(meta.user);
    const name = message.interaction?.name ?? meta.name;
    return h("div", { class: "quoted" }, h("strong", {}, app.store.nameOf(user, app.guildOf(message))), ` used ${name ? `/${name}` : "a command"}`);
  }
  if (message.type !== 19 && !message.referenced_message) return null;
  if ((message.message_reference?.type ?? 0) === 1) return null;
  const target = message.referenced_message;
  if (!target) return h("div", { class: "quoted gone" }, icon(ICONS.reply), "The original message was deleted");
  const guildId = app.guildOf(message);
  const ping = (message.mentions ?? []).some((user) => user.id === target.author.id) ? "@" : "";
  return h(
    "button",
    { type: "button", class: "quoted", title: "Jump to the message", onclick: () => app.open(target.channel_id ?? message.channel_id, target.id) },
    avatar(app.store.nameOf(target.author, guildId), target.author.id, "tiny"),
    h("strong", { style: { color: nameColor(app, target.author.id, guildId) } }, ping + app.store.nameOf(target.author, guildId)),
    h("span", { class: "quoted-text" }, plainLine({ ...target, guild_id: guildId }, app.store)),
  );
}

/** Role colours are chosen for dark or for light; mixing with the text colour keeps them readable on both. */
function nameColor(app, userId, guildId) {
  const color = app.store.colorOf(userId, guildId);
  return color ? `color-mix(in oklab, ${color} 62%, var(--text))` : "inherit";
}

function face(app, message, grouped, system) {
  const date = dateOf(message);
  if (system) return h("span", { class: "face system-mark", "aria-hidden": "true" }, "→");
  if (grouped) return h("time", { class: "face side-time", datetime: date.toISOString(), title: fullTime(date) }, clockTime(date));
  return h("span", { class: "face" }, avatar(app.store.nameOf(message.author, app.guildOf(message)), message.author.id));
}

function head(app, message) {
  const guildId = app.guildOf(message);
  const date = dateOf(message);
  return h(
    "div",
    { class: "head" },
    h("strong", { class: "author", style: { color: nameColor(app, message.author.id, guildId) } }, app.store.nameOf(message.author, guildId)),
    message.author.bot && h("span", { class: "tag" }, "APP"),
    h("time", { datetime: date.toISOString(), title: fullTime(date) }, stamp(date)),
  );
}

function body(app, message, system) {
  if (app.editing?.id === message.id) return app.editing.node;
  if (system) return h("div", { class: "body" }, h("p", {}, systemText(app, message)));
  if ((message.flags ?? 0) & FLAGS.loading) return h("div", { class: "body thinking" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), `${app.store.nameOf(message.author)} is thinking…`);
  const edited = message.edited_timestamp && h("span", { class: "edited", title: fullTime(new Date(message.edited_timestamp)) }, "(edited)");
  if (!message.content) return edited && !message.components?.length ? h("div", { class: "body" }, edited) : null;
  const text = richText(app, message.content, app.guildOf(message));
  const last = text.lastElementChild;
  if (edited) (last?.tagName === "P" ? last : text).append(" ", edited);
  return h("div", { class: "body" }, text);
}

function systemText(app, message) {
  const name = app.store.nameOf(message.author, app.guildOf(message));
  const known = { 6: `${name} pinned a message.`, 7: `${name} joined the server.`, 8: `${name} boosted the server.`, 18: `${name} started a thread: ${message.content}`, 21: "The thread's first message", 46: "A poll has closed." };
  return known[message.type] ?? message.content ?? "";
}

function extras(app, message) {
  const guildId = app.guildOf(message);
  const hideEmbeds = (message.flags ?? 0) & FLAGS.noEmbeds;
  const nodes = [
    ...(message.message_snapshots ?? []).map((snapshot) => forwardNode(app, snapshot, guildId)),
    ...(message.attachments ?? []).map((file) => attachmentNode(app, file)),
    ...(message.sticker_items ?? []).map((sticker) => h("p", { class: "subtext" }, `Sticker: ${sticker.name}`)),
    message.poll && pollNode(message.poll),
    ...(hideEmbeds ? [] : message.embeds ?? []).map((embed) => embedNode(app, embed, guildId)),
    ...(message.components ?? []).map((component) => componentNode(app, message, component)),
  ].filter(Boolean);
  return nodes.length ? h("div", { class: "extras" }, nodes) : null;
}

function reactions(app, message) {
  const list = message.reactions ?? [];
  if (!list.length) return null;
  const pill = (reaction) => {
    const label = `${reaction.emoji.name}, ${reaction.count} ${reaction.count === 1 ? "reaction" : "reactions"}`;
    const act = () => app.actions.toggleReaction(message, reaction.emoji);
    return h("button", { type: "button", class: reaction.me ? "pill mine" : "pill", "aria-pressed": String(Boolean(reaction.me)), "aria-label": label, onclick: act }, customEmoji(app, reaction.emoji), h("span", {}, String(reaction.count)));
  };
  const more = h("button", { type: "button", class: "pill add", "aria-label": "Add a reaction", onclick: (event) => app.actions.pickReaction(message.id, event.currentTarget) }, icon(ICONS.react));
  return h("div", { class: "reactions" }, list.map(pill), more);
}

export function hasReacted(message, emoji) {
  return (message.reactions ?? []).some((reaction) => reaction.me && sameEmoji(reaction.emoji, emoji));
}

function threadLink(app, thread) {
  const count = app.store.channels.get(thread.id)?.message_count ?? thread.message_count;
  return h("button", { type: "button", class: "thread-link", onclick: () => app.open(thread.id) }, icon(ICONS.thread), h("strong", {}, thread.name), count ? ` ${count} ${count === 1 ? "message" : "messages"} ›` : " ›");
}

function ephemeralNote(app, message) {
  return h("p", { class: "only-you" }, "👁 Only you can see this · ", h("button", { type: "button", onclick: () => app.actions.dismiss(message) }, "dismiss"));
}

function tools(app, message) {
  if ((message.flags ?? 0) & FLAGS.ephemeral) return null;
  const tool = (label, path, act) => h("button", { type: "button", "aria-label": label, title: label, onclick: (event) => act(event.currentTarget) }, icon(path));
  return h(
    "div",
    { class: "tools", role: "group", "aria-label": "Message actions" },
    tool("Add a reaction", ICONS.react, (anchor) => app.actions.pickReaction(message.id, anchor)),
    tool("Reply", ICONS.reply, () => app.composer.replyTo(message.id)),
    tool("More", ICONS.more, (anchor) => app.actions.menu(message.id, anchor)),
  );
}
