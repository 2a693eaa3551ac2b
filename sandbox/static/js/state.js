// What the page knows: servers, channels, people and the loaded messages, with a tiny publish/subscribe.

import { compareIds } from "./snowflake.js";
import { isThread, may, RIGHTS } from "./permissions.js";
import { Timeline } from "./timeline.js";

export const KIND = { text: 0, dm: 1, voice: 2, groupDm: 3, category: 4, announcement: 5, stage: 13, forum: 15, media: 16 };

export class Store {
  constructor() {
    this.listeners = new Map();
    this.reset();
  }

  reset() {
    this.me = null;
    this.sessionId = null;
    this.guilds = new Map();
    this.channels = new Map();
    this.users = new Map();
    this.timelines = new Map();
    this.typing = new Map();
    this.mentions = new Map();
    this.read = {};
  }

  on(topic, listener) {
    if (!this.listeners.has(topic)) this.listeners.set(topic, new Set());
    this.listeners.get(topic).add(listener);
  }

  emit(topic, detail) {
    for (const listener of this.listeners.get(topic) ?? []) listener(detail);
  }

  // --- people ---

  learnUser(user) {
    if (!user?.id) return user;
    const known = { ...this.users.get(user.id), ...user };
    this.users.set(user.id, known);
    return known;
  }

  member(guildId, userId) {
    return this.guilds.get(guildId)?.members.get(userId);
  }

  /** The name people read: nick, else display name, else user name. */
  nameOf(user, guildId) {
    const known = this.users.get(user.id) ?? user;
    return this.member(guildId, user.id)?.nick || known.global_name || known.username || "unknown user";
  }

  colorOf(userId, guildId) {
    const guild = this.guilds.get(guildId);
    const roles = (guild?.members.get(userId)?.roles ?? []).map((id) => guild.roles.get(id)).filter((role) => roleColor(role));
    roles.sort((a, b) => b.position - a.position);
    return roles.length ? cssColor(roleColor(roles[0])) : "";
  }

  // --- channels ---

  visible(channel) {
    return !channel.guild_id || may(this, channel, RIGHTS.viewChannel);
  }

  channelsOf(guildId) {
    return [...this.channels.values()].filter((channel) => channel.guild_id === guildId);
  }

  directMessages() {
    const direct = [...this.channels.values()].filter((c) => c.type === KIND.dm || c.type === KIND.groupDm);
    return direct.sort((a, b) => compareIds(b.last_message_id ?? b.id, a.last_message_id ?? a.id));
  }

  threadsOf(channelId) {
    const threads = [...this.channels.values()].filter((c) => isThread(c) && c.parent_id === channelId && this.visible(c));
    return threads.sort((a, b) => compareIds(b.last_message_id ?? b.id, a.last_message_id ?? a.id));
  }

  channelTitle(channel) {
    if (channel.type === KIND.dm || channel.type === KIND.groupDm) {
      const others = (channel.recipients ?? []).filter((user) => user.id !== this.me?.id);
      return channel.name || others.map((user) => this.nameOf(user)).join(", ") || "Direct message";
    }
    return channel.name ?? "channel";
  }

  timeline(channelId) {
    if (!this.timelines.has(channelId)) this.timelines.set(channelId, new Timeline());
    return this.timelines.get(channelId);
  }

  // --- what was read ---

  /** Read marks live in the browser, per person; what was there at the first visit counts as read. */
  loadRead() {
    try {
      this.read = JSON.parse(localStorage.getItem(this.readKey()) ?? "{}");
    } catch {
      this.read = {};
    }
  }

  readKey() {
    return `sandbox.read.${this.me.id}`;
  }

  markRead(channelId, messageId = this.channels.get(channelId)?.last_message_id) {
    if (!messageId || (this.read[channelId] && compareIds(this.read[channelId], messageId) >= 0)) return;
    this.read[channelId] = messageId;
    this.mentions.delete(channelId);
    localStorage.setItem(this.readKey(), JSON.stringify(this.read));
    this.emit("unread", channelId);
  }

  isUnread(channel) {
    const mark = this.read[channel.id];
    if (!channel.last_message_id || !mark) return false;
    return compareIds(channel.last_message_id, mark) > 0;
  }
}

function roleColor(role) {
  return role?.colors?.primary_color || role?.color || 0;
}

export function cssColor(number) {
  return `#${Number(number).toString(16).padStart(6, "0")}`;
}
