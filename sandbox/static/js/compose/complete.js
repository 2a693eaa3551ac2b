// The list above the composer: people and roles after @, channels after #, emoji after :, commands after a leading /.

import { avatar, fill, h, icon, ICONS } from "../dom.js";
import { ALL_EMOJI } from "../emoji.js";
import { RIGHTS, permissionsIn } from "../permissions.js";
import { customEmoji } from "../render/text.js";

const TOKEN = /(?:^|[\s(])([@#:])([^\s@#:]*)$/;
const SHOWN = 8;

export class Completion {
  constructor(app, box, list) {
    this.app = app;
    this.box = box;
    this.list = list;
    this.entries = [];
    this.at = 0;
  }

  get open() {
    return this.entries.length > 0;
  }

  /** Looks at what stands before the caret and shows what fits. `onCommand` is told of a chosen slash command. */
  async update(onCommand) {
    const before = this.box.value.slice(0, this.box.selectionStart);
    const run = (this.run = Symbol("one look"));
    const entries = /^\/[^\n]*$/.test(before) ? await this.commands(before.slice(1), onCommand) : this.tokens(before);
    if (run === this.run) this.show(entries);
  }

  tokens(before) {
    const match = TOKEN.exec(before);
    if (!match) return [];
    const [, sign, typed] = match;
    const wanted = typed.toLowerCase();
    if (sign === "@") return this.people(wanted);
    if (sign === "#") return this.channels(wanted);
    return wanted.length >= 2 ? this.emoji(wanted) : [];
  }

  people(wanted) {
    const { store } = this.app;
    const guild = store.guilds.get(this.app.guildId);
    const channel = store.channels.get(this.app.channelId);
    const users = guild ? [...guild.members.values()].map((m) => m.user) : channel?.recipients ?? [];
    const seen = users.filter((user) => !guild || permissionsIn(store, channel, user.id) & RIGHTS.viewChannel);
    const rows = seen.map((user) => ({ user, name: store.nameOf(user, guild?.id) })).filter(({ user, name }) => fits(wanted, name, user.username));
    rows.sort((a, b) => rank(wanted, a.user.username, a.name) - rank(wanted, b.user.username, b.name) || Boolean(b.user.bot) - Boolean(a.user.bot) || a.name.localeCompare(b.name));
    const people = rows.map(({ user, name }) => ({ insert: `@${user.username} `, nodes: [avatar(name, user.id, "tiny"), name, h("small", {}, user.username)] }));
    const roles = [...(guild?.roles.values() ?? [])].filter((r) => r.id !== guild.id && r.mentionable && fits(wanted, r.name));
    return [...people, ...roles.map((r) => ({ insert: `@${r.name} `, nodes: [h("span", { class: "hash" }, "@"), r.name, h("small", {}, "role")] }))];
  }

  channels(wanted) {
    const { store } = this.app;
    const channels = store.channelsOf(this.app.guildId).filter((c) => c.type !== 4 && store.visible(c) && fits(wanted, c.name));
    channels.sort((a, b) => rank(wanted, a.name) - rank(wanted, b.name) || a.position - b.position);
    return channels.map((c) => ({ insert: `#${c.name} `, nodes: [h("span", { class: "hash" }, "#"), c.name, h("small", {}, store.channels.get(c.parent_id)?.name ?? "")] }));
  }

  emoji(wanted) {
    const custom = (this.app.store.guilds.get(this.app.guildId)?.emojis ?? []).filter((e) => fits(wanted, e.name));
    const plain = ALL_EMOJI.filter((e) => e.name.includes(wanted));
    return [
      ...custom.map((e) => ({ insert: `:${e.name}: `, nodes: [customEmoji(this.app, e), `:${e.name}:`] })),
      ...plain.map((e) => ({ insert: `${e.char} `, nodes: [h("span", { class: "emoji" }, e.char), `:${e.name}:`] })),
    ];
  }

  async commands(typed, onCommand) {
    const all = await this.app.interactions.commandsOfType(1);
    const wanted = typed.toLowerCase().trimEnd();
    const found = all.filter((c) => c.name.toLowerCase().startsWith(wanted) || (wanted.length > 1 && c.name.toLowerCase().includes(wanted)));
    return found.map((c) => ({ act: () => onCommand(c), nodes: [icon(ICONS.thread), h("strong", {}, `/${c.name}`), h("span", { class: "about" }, c.description), h("small", {}, c.appName)] }));
  }

  show(entries) {
    this.entries = entries.slice(0, entries[0]?.act ? 20 : SHOWN);
    this.at = 0;
    this.list.hidden = !this.open;
    this.box.setAttribute("aria-expanded", String(this.open));
    const row = (entry, index) => h("li", { role: "option", id: `complete-${index}`, onpointerdown: (event) => (event.preventDefault(), this.take(index)) }, entry.nodes);
    fill(this.list, this.entries.map(row));
    this.mark();
  }

  mark() {
    [...this.list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === this.at)));
    this.list.children[this.at]?.scrollIntoView({ block: "nearest" });
    if (this.open) this.box.setAttribute("aria-activedescendant", `complete-${this.at}`);
    else this.box.removeAttribute("aria-activedescendant");
  }

  /** Whether the key was for the list. */
  key(event) {
    if (!this.open) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.at = (this.at + step + this.entries.length) % this.entries.length;
      this.mark();
    } else if (event.key === "Enter" || event.key === "Tab") {
      if (event.shiftKey || this.alreadyWritten(event)) return false;
      this.take(this.at);
    } else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    return true;
  }

  /** "@digmbot" written out in full: Enter sends, it need not be completed first. */
  alreadyWritten(event) {
    const insert = this.entries[this.at].insert?.trimEnd();
    if (event.key !== "Enter" || !insert) return false;
    return this.box.value.slice(0, this.box.selectionStart).toLowerCase().endsWith(insert.toLowerCase());
  }

  take(index) {
    const entry = this.entries[index];
    this.close();
    if (entry.act) {
      entry.act();
      return;
    }
    const caret = this.box.selectionStart;
    const start = this.box.value.slice(0, caret).search(/[@#:][^\s@#:]*$/);
    this.box.setRangeText(entry.insert, start, caret, "end");
    this.box.dispatchEvent(new Event("input"));
  }

  close() {
    this.run = null;
    this.show([]);
  }
}

function fits(wanted, ...names) {
  return names.some((name) => name?.toLowerCase().includes(wanted));
}

function rank(wanted, ...names) {
  return names.some((name) => name?.toLowerCase().startsWith(wanted)) ? 0 : 1;
}
