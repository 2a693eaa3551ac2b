// The channel list of the open server (or the direct messages), with threads, locks and unread marks.

import { avatar, byId, fill, h, icon, ICONS } from "../dom.js";
import { isPrivate, isThread, may, RIGHTS } from "../permissions.js";
import { KIND } from "../state.js";

const MARKS = { [KIND.voice]: "voice", [KIND.stage]: "voice", [KIND.announcement]: "announcement", [KIND.forum]: "forum", [KIND.media]: "forum" };

export function renderChannels(app) {
  const { store } = app;
  byId("guild-name").textContent = app.guildId === "@me" ? "Direct messages" : store.guilds.get(app.guildId)?.name ?? "Sandbox";
  fill(byId("channels"), app.guildId === "@me" ? direct(app) : serverChannels(app));
}

function direct(app) {
  const { store } = app;
  const open = new Set(store.directMessages().flatMap((channel) => (channel.recipients ?? []).map((user) => user.id)));
  const rows = store.directMessages().map((channel) => row(app, channel, { face: face(store, channel) }));
  const others = [...store.users.values()].filter((user) => user.id !== store.me?.id && !open.has(user.id));
  others.sort((a, b) => Boolean(b.bot) - Boolean(a.bot) || store.nameOf(a).localeCompare(store.nameOf(b)));
  const starts = others.map((user) => {
    const name = store.nameOf(user);
    const button = h("button", { type: "button", class: "channel quiet", onclick: () => app.openDirect(user.id) }, avatar(name, user.id, "small"), h("span", { class: "channel-text" }, name), user.bot && h("span", { class: "tag" }, "APP"));
    return h("li", {}, button);
  });
  return [h("ul", {}, rows), starts.length ? [h("h3", { class: "category" }, "Start a conversation"), h("ul", {}, starts)] : null];
}

function face(store, channel) {
  const other = (channel.recipients ?? []).find((user) => user.id !== store.me?.id) ?? channel;
  return avatar(store.channelTitle(channel), other.id, "small");
}

function serverChannels(app) {
  const { store } = app;
  const channels = store.channelsOf(app.guildId).filter((channel) => !isThread(channel));
  const order = (a, b) => sortKey(a) - sortKey(b) || a.position - b.position || (BigInt(a.id) < BigInt(b.id) ? -1 : 1);
  const inside = (id) => channels.filter((c) => c.type !== KIND.category && (c.parent_id ?? null) === id && store.visible(c)).sort(order);
  const categories = channels.filter((channel) => channel.type === KIND.category).sort(order);
  return [
    h("ul", {}, inside(null).map((channel) => withThreads(app, channel))),
    categories.map((category) => {
      const rows = inside(category.id);
      if (!rows.length) return null;
      const closed = app.closedCategories.has(category.id);
      const shown = closed ? rows.filter((c) => c.id === app.channelId || store.isUnread(c)) : rows;
      const toggle = h("button", { type: "button", "aria-expanded": String(!closed), onclick: () => app.toggleCategory(category.id) }, h("span", { "aria-hidden": "true" }, closed ? "›" : "⌄"), category.name);
      return h("section", {}, h("h3", { class: "category" }, toggle), h("ul", {}, shown.map((channel) => withThreads(app, channel))));
    }),
  ];
}

function sortKey(channel) {
  return channel.type === KIND.voice || channel.type === KIND.stage ? 1 : 0;
}

function withThreads(app, channel) {
  const { store } = app;
  const threads = store.threadsOf(channel.id).filter((thread) => !thread.thread_metadata?.archived || thread.id === app.channelId);
  const guild = store.guilds.get(channel.guild_id);
  const sitting = [...(guild?.voice ?? [])].filter(([, id]) => id === channel.id).map(([userId]) => userId);
  return [
    row(app, channel, {}),
    threads.length ? h("li", {}, h("ul", { class: "threads" }, threads.map((thread) => row(app, thread, {})))) : null,
    sitting.length ? h("li", {}, h("ul", { class: "sitting" }, sitting.map((id) => sitter(store, id, channel.guild_id)))) : null,
  ];
}

function sitter(store, userId, guildId) {
  const name = store.nameOf({ id: userId }, guildId);
  return h("li", {}, avatar(name, userId, "tiny"), name);
}

function row(app, channel, { face: picture }) {
  const { store } = app;
  const locked = isPrivate(store, channel);
  const mentions = store.mentions.get(channel.id);
  const unread = store.isUnread(channel);
  const current = channel.id === app.channelId;
  const mark = picture ?? (MARKS[channel.type] ? icon(ICONS[MARKS[channel.type]]) : isThread(channel) ? icon(ICONS.thread) : h("span", { class: "hash", "aria-hidden": "true" }, "#"));
  const title = store.channelTitle(channel);
  const state = [locked && "private", mentions && `${mentions} mentions`, !mentions && unread && "unread"].filter(Boolean).join(", ");
  const button = h(
    "button",
    { type: "button", class: ["channel", current && "current", unread && "unread"].filter(Boolean).join(" "), "aria-current": current ? "page" : null, "aria-label": state ? `${title}, ${state}` : null, title, onclick: () => choose(app, channel) },
    mark,
    h("span", { class: "channel-text" }, title),
    locked && icon(ICONS.lock),
    mentions ? h("span", { class: "badge", "aria-hidden": "true" }, String(mentions)) : null,
  );
  return h("li", {}, button);
}

/** A voice channel is joined (and left) by a click; every other channel is opened. */
function choose(app, channel) {
  const voice = channel.type === KIND.voice || channel.type === KIND.stage;
  if (!voice) return app.open(channel.id);
  const here = app.store.guilds.get(channel.guild_id).voice.get(app.store.me.id) === channel.id;
  if (!may(app.store, channel, RIGHTS.connect)) return app.say("You do not have permission to join this voice channel.");
  return app.gateway.joinVoice(channel.guild_id, here ? null : channel.id);
}
