// What one does to a message: react, edit, delete, pin, thread, apps; and the picker of emoji.

import { h } from "./dom.js";
import { EMOJI_GROUPS, emojiPath } from "./emoji.js";
import { dialog, menu, orToast, popup, toast } from "./overlay.js";
import { may, RIGHTS } from "./permissions.js";
import { customEmoji } from "./render/text.js";
import { hasReacted } from "./render/message.js";

export class Actions {
  constructor(app) {
    this.app = app;
  }

  get rest() {
    return this.app.rest;
  }

  message(id) {
    return this.app.store.timeline(this.app.channelId).get(id);
  }

  toggleReaction(message, emoji) {
    const mine = hasReacted(this.message(message.id) ?? message, emoji);
    const path = `/channels/${message.channel_id}/messages/${message.id}/reactions/${emojiPath(emoji)}/@me`;
    return orToast(() => (mine ? this.rest.delete(path) : this.rest.put(path)));
  }

  pickReaction(id, anchor) {
    this.pickEmoji(anchor, (emoji) => this.toggleReaction(this.message(id), emoji));
  }

  /** The picker; `chosen` gets {id, name} as Discord's REST wants it. */
  pickEmoji(anchor, chosen) {
    const guild = this.app.store.guilds.get(this.app.guildId);
    const custom = guild?.emojis.length ? [{ title: guild.name, emoji: guild.emojis.map((e) => ({ char: null, name: e.name, id: e.id })) }] : [];
    const search = h("input", { type: "search", placeholder: "Find an emoji", "aria-label": "Find an emoji" });
    const grid = h("div", { class: "emoji-grid" });
    const pick = (emoji) => {
      close();
      chosen(emoji.id ? { id: emoji.id, name: emoji.name } : { id: null, name: emoji.char });
    };
    const show = () => {
      const wanted = search.value.trim().toLowerCase();
      const groups = [...custom, ...EMOJI_GROUPS].map((g) => ({ ...g, emoji: g.emoji.filter((e) => e.name.includes(wanted)) })).filter((g) => g.emoji.length);
      const cell = (e) => h("button", { type: "button", title: `:${e.name}:`, "aria-label": e.name, onclick: () => pick(e) }, e.id ? customEmoji(this.app, e) : e.char);
      grid.replaceChildren(...groups.map((g) => h("section", {}, h("h3", {}, g.title), h("div", { class: "cells" }, g.emoji.map(cell)))));
    };
    search.addEventListener("input", show);
    search.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      grid.querySelector("button")?.click();
    });
    show();
    const close = popup(anchor, h("div", { class: "picker" }, search, grid), { label: "Emoji" });
    search.focus();
  }

  async menu(id, anchor) {
    const { app } = this;
    const message = this.message(id);
    const channel = app.store.channels.get(message.channel_id);
    const mine = message.author.id === app.store.me.id;
    const manage = channel.guild_id && may(app.store, channel, RIGHTS.manageMessages);
    const path = `/channels/${message.channel_id}/messages/${id}`;
    const commands = await app.interactions.commandsOfType(3);
    const entries = [
      { label: "Reply", action: () => app.composer.replyTo(id) },
      { label: "Add a reaction", action: () => this.pickReaction(id, anchor) },
      mine && { label: "Edit", action: () => app.startEditing(id) },
      commands.length && { label: "Apps", entries: commands.map((c) => ({ label: `${c.name} (${c.appName})`, action: () => app.interactions.runMessageCommand(c, message) })) },
      manage && { label: message.pinned ? "Unpin" : "Pin", action: () => this.pin(message) },
      channel.type === 0 && may(app.store, channel, RIGHTS.createPublicThreads) && !message.thread && { label: "Create a thread", action: () => this.createThread(message) },
      { label: "Copy text", action: () => navigator.clipboard?.writeText(message.content) },
      { label: "Copy link", action: () => navigator.clipboard?.writeText(`https://discord.com/channels/${channel.guild_id ?? "@me"}/${channel.id}/${id}`) },
      { label: "Copy message id", action: () => navigator.clipboard?.writeText(id) },
      (mine || manage) && { label: "Delete", danger: true, action: () => this.confirmDelete(message, path) },
    ].filter(Boolean);
    menu(anchor, entries, "Message");
  }

  pin(message) {
    const path = `/channels/${message.channel_id}/pins/${message.id}`;
    return orToast(async () => {
      await (message.pinned ? this.rest.delete(path) : this.rest.put(path));
      toast(message.pinned ? "Unpinned." : "Pinned.", "good");
    });
  }

  confirmDelete(message, path) {
    dialog({
      title: "Delete this message?",
      body: h("p", {}, message.content.slice(0, 300) || "It cannot be brought back."),
      submit: "Delete",
      danger: true,
      onSubmit: () => orToast(() => this.rest.delete(path)),
    });
  }

  createThread(message) {
    const name = h("input", { type: "text", required: true, maxlength: 100, value: message.content.slice(0, 40), "aria-label": "Name of the thread" });
    dialog({
      title: "Create a thread",
      body: h("label", {}, "Name", name),
      submit: "Create",
      onSubmit: async () => {
        const thread = await orToast(() => this.rest.post(`/channels/${message.channel_id}/messages/${message.id}/threads`, { name: name.value.trim() }));
        if (!thread) return false;
        this.app.openWhenKnown(thread);
        return true;
      },
    });
  }

  dismiss(message) {
    this.app.store.timeline(message.channel_id).remove(message.id);
    this.app.store.emit("message-remove", { channelId: message.channel_id, id: message.id });
  }
}
