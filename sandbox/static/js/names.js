// Between what people type (@mia, #ops, :tada:) and what Discord stores (<@id>, <#id>, an emoji).

import { EMOJI_BY_NAME } from "./emoji.js";

/** Code keeps its text: only what lies outside backticks is translated. */
function outsideCode(text, translate) {
  return text
    .split(/(```[\s\S]*?```|`[^`\n]*`)/)
    .map((part, index) => (index % 2 ? part : translate(part)))
    .join("");
}

/** Every way to write to somebody: name (lower case) → mention, or null when it fits two people. */
function mentionTable(store, channel) {
  const table = new Map();
  const add = (name, mention) => {
    if (!name) return;
    const key = name.toLowerCase();
    table.set(key, table.has(key) && table.get(key) !== mention ? null : mention);
  };
  const guild = store.guilds.get(channel.guild_id);
  const users = guild ? [...guild.members.values()].map((member) => member.user) : channel.recipients ?? [];
  for (const user of guild ? users : [...users, store.me]) {
    for (const name of new Set([user.username, user.global_name, store.nameOf(user, guild?.id)])) add(name, `<@${user.id}>`);
  }
  const people = new Set(table.keys());
  for (const role of guild?.roles.values() ?? []) {
    const name = role.name.replace(/^@/, "");
    if (role.id !== guild.id && !people.has(name.toLowerCase())) add(name, `<@&${role.id}>`);
  }
  return table;
}

function channelTable(store, channel) {
  const table = new Map();
  for (const other of store.channelsOf(channel.guild_id)) {
    if (!other.name || other.type === 4 || !store.visible(other)) continue;
    const key = other.name.toLowerCase();
    table.set(key, table.has(key) ? null : `<#${other.id}>`);
  }
  return table;
}

function replaceNames(text, sign, table) {
  const names = [...table.keys()].sort((a, b) => b.length - a.length);
  if (!names.length) return text;
  const any = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const pattern = new RegExp(`(^|[^\\w<${sign}&/])${sign}(${any})(?![\\w-])`, "giu");
  return text.replace(pattern, (whole, before, name) => {
    const mention = table.get(name.toLowerCase());
    return mention ? before + mention : whole;
  });
}

/** What goes to the server. */
export function toWire(text, store, channel) {
  const mentions = mentionTable(store, channel);
  const channels = channelTable(store, channel);
  const custom = new Map((store.guilds.get(channel.guild_id)?.emojis ?? []).map((e) => [e.name, e]));
  return outsideCode(text, (part) => {
    const named = replaceNames(replaceNames(part, "@", mentions), "#", channels);
    return named.replace(/(<a?)?:(\w{2,32}):(?!\d)/g, (whole, open, name) => {
      if (open) return whole;
      const emoji = custom.get(name);
      if (emoji) return `<${emoji.animated ? "a" : ""}:${name}:${emoji.id}>`;
      return EMOJI_BY_NAME.get(name) ?? whole;
    });
  });
}

/** What an edit box shows. */
export function fromWire(text, store, channel) {
  const guild = store.guilds.get(channel.guild_id);
  return outsideCode(text, (part) =>
    part
      .replace(/<@!?(\d+)>/g, (whole, id) => (store.users.has(id) ? `@${store.users.get(id).username}` : whole))
      .replace(/<@&(\d+)>/g, (whole, id) => (guild?.roles.has(id) ? `@${guild.roles.get(id).name}` : whole))
      .replace(/<#(\d+)>/g, (whole, id) => (store.channels.has(id) ? `#${store.channels.get(id).name}` : whole)),
  );
}

/** One line of plain words, for reply previews and notifications. */
export function plainLine(message, store) {
  const text = fromWire(message.content ?? "", store, { guild_id: message.guild_id ?? store.channels.get(message.channel_id)?.guild_id });
  const line = text.replace(/<a?:(\w+):\d+>/g, ":$1:").replace(/[*_~|`>]{1,3}/g, "").replace(/\s+/g, " ").trim();
  if (line) return line;
  if (message.attachments?.length) return `📎 ${message.attachments[0].filename}`;
  if (message.embeds?.length) return message.embeds[0].title ?? "an embed";
  return message.components?.length ? "a message with controls" : "a message without text";
}
