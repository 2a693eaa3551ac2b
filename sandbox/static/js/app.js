// The page as a whole: who writes, what is open, and what is drawn again when something changes.

import { Actions } from "./actions.js";
import { Composer } from "./compose/composer.js";
import { editBox } from "./compose/edit.js";
import { byId, fill } from "./dom.js";
import { apply } from "./events.js";
import { Gateway } from "./gateway.js";
import { Interactions } from "./interactions.js";
import { orToast, toast } from "./overlay.js";
import { isThread, maySend } from "./permissions.js";
import { renderChannels } from "./render/channels.js";
import { renderForum } from "./render/forum.js";
import { renderHints } from "./render/hints.js";
import { renderMembers, renderPerson } from "./render/members.js";
import { MessageColumn } from "./render/messages.js";
import { renderRail } from "./render/rail.js";
import { renderTyping } from "./render/typing.js";
import { Rest } from "./rest.js";
import { KIND, Store } from "./state.js";

const PERSON = "sandbox.person";
const CLOSED = "sandbox.closed-categories";
const READABLE = new Set([KIND.text, KIND.announcement, KIND.forum, KIND.media]);

export class App {
  constructor({ people, gatewayUrl, apiUrl }) {
    this.people = people;
    this.cdnOrigins = new Set([location.origin, new URL(apiUrl).origin]);
    this.store = new Store();
    this.rest = new Rest(apiUrl);
    this.gateway = new Gateway({ url: gatewayUrl, onEvent: (type, data) => this.event(type, data), onStatus: (status) => this.status(status) });
    this.guildId = null;
    this.channelId = null;
    this.editing = null;
    this.lastChannels = new Map();
    this.closedCategories = new Set(JSON.parse(localStorage.getItem(CLOSED) ?? "[]"));
    this.interactions = new Interactions(this);
    this.actions = new Actions(this);
    this.composer = new Composer(this);
    this.column = new MessageColumn(this);
    this.watch();
  }

  watch() {
    const { store } = this;
    store.on("ready", () => {
      this.settled = false;
      this.settle();
    });
    store.on("guilds", () => this.settle());
    for (const topic of ["channels", "unread"]) store.on(topic, () => this.drawSoon());
    store.on("channel", (id) => id === this.channelId && this.drawHead());
    store.on("channel-gone", (id) => id === this.channelId && this.openGuild(this.guildId));
    store.on("members", (id) => id === this.guildId && this.peopleChanged());
    store.on("typing", (id) => id === this.channelId && renderTyping(this));
    store.on("unknown-channel", (id) => this.learnChannel(id));
    addEventListener("hashchange", () => this.followHash());
  }

  // --- who ---

  start() {
    const kept = localStorage.getItem(PERSON);
    const person = this.people.find((p) => p.id === kept) ?? this.people[0];
    if (person) this.become(person);
    else toast("Nobody in this world can sign in: it has no people.");
  }

  become(person) {
    localStorage.setItem(PERSON, person.id);
    this.rest.token = person.token;
    this.interactions.index.clear();
    this.fresh = true;
    this.gateway.start(person.token);
  }

  event(type, data) {
    if (type.startsWith("INTERACTION_") || type.startsWith("APPLICATION_COMMAND_AUTO")) this.interactions.event(type, data);
    else apply(this.store, type, data);
    if (type === "READY") this.loadDirect();
    if (type === "GUILD_CREATE") this.gateway.askForMembers(data.id);
  }

  async loadDirect() {
    const channels = await this.rest.get("/users/@me/channels").catch(() => []);
    for (const channel of channels) apply(this.store, "CHANNEL_CREATE", channel);
  }

  async learnChannel(id) {
    const channel = await this.rest.get(`/channels/${id}`).catch(() => null);
    if (channel) apply(this.store, "CHANNEL_CREATE", channel);
  }

  status(status) {
    const bar = byId("connection");
    bar.hidden = status === "ready" || (status === "connecting" && this.fresh);
    bar.textContent = status === "refused" ? "The sandbox does not accept this person any more. Reload the page." : "Reconnecting…";
    if (status === "ready") this.fresh = false;
  }

  /** After READY or a new server: stay where we are if that is possible, else open something sensible. */
  settle() {
    const { store } = this;
    renderPerson(this);
    const wanted = fromHash();
    const here = store.channels.get(wanted?.channelId ?? this.channelId);
    // A second server that becomes known must not open the channel anew under one's hands.
    if (this.settled && store.channels.has(this.channelId)) return this.draw();
    if (here && store.visible(here)) this.open(here.id, wanted?.messageId, true);
    else if (store.guilds.size && (!wanted || store.guilds.size >= (store.expected ?? 0))) this.openGuild(store.guilds.has(this.guildId) ? this.guildId : [...store.guilds.keys()][0], true);
    return this.draw();
  }

  // --- where ---

  openGuild(guildId, quiet = false) {
    const { store } = this;
    const kept = store.channels.get(this.lastChannels.get(guildId));
    const first = guildId === "@me" ? store.directMessages()[0] : this.firstChannel(guildId);
    const channel = kept && store.visible(kept) ? kept : first;
    if (channel) return this.open(channel.id, undefined, quiet, guildId !== this.guildId && !quiet);
    this.guildId = guildId;
    this.channelId = null;
    byId("app").classList.add("drawer-open");
    this.column.empty(guildId === "@me" ? "No conversation yet. Choose somebody on the left." : "There is nothing here that you may read.");
    this.composer.closed();
    return this.draw();
  }

  firstChannel(guildId) {
    const readable = this.store.channelsOf(guildId).filter((c) => READABLE.has(c.type) && this.store.visible(c));
    const order = (c) => this.store.channels.get(c.parent_id)?.position ?? -1;
    readable.sort((a, b) => order(a) - order(b) || a.position - b.position);
    return readable.find((c) => maySend(this.store, c)) ?? readable[0];
  }

  /** Opens a channel, at a message when one is given. `browsing` keeps the drawer open on a phone. */
  async open(channelId, messageId, quiet = false, browsing = false) {
    const { store } = this;
    const channel = store.channels.get(channelId);
    if (!channel || !store.visible(channel)) return toast("You cannot see that channel, or it is gone.");
    if (channel.type === KIND.voice || channel.type === KIND.category) return undefined;
    this.editing = null;
    this.guildId = channel.guild_id ?? "@me";
    this.channelId = channelId;
    this.settled = true;
    this.lastChannels.set(this.guildId, channelId);
    const hash = `#/channels/${this.guildId}/${channelId}`;
    if (location.hash !== hash) history[quiet ? "replaceState" : "pushState"](null, "", hash);
    if (!browsing) byId("app").classList.remove("drawer-open");
    this.draw();
    this.composer.enter(channel);
    renderTyping(this);
    if (channel.type === KIND.forum || channel.type === KIND.media) return renderForum(this, channel);
    await this.column.show(channel, messageId);
    return undefined;
  }

  openWhenKnown(channel) {
    if (!this.store.channels.has(channel.id)) apply(this.store, "THREAD_CREATE", channel);
    this.open(channel.id);
  }

  async openDirect(userId) {
    const channel = await orToast(() => this.rest.post("/users/@me/channels", { recipient_id: userId }));
    if (!channel) return;
    if (!this.store.channels.has(channel.id)) apply(this.store, "CHANNEL_CREATE", channel);
    this.open(channel.id);
  }

  followHash() {
    const wanted = fromHash();
    if (wanted && (wanted.channelId !== this.channelId || wanted.messageId)) this.open(wanted.channelId, wanted.messageId, true);
  }

  toggleCategory(id) {
    if (!this.closedCategories.delete(id)) this.closedCategories.add(id);
    localStorage.setItem(CLOSED, JSON.stringify([...this.closedCategories]));
    renderChannels(this);
  }

  // --- messages ---

  /** The answer to our own POST may be faster than the gateway's event; either way it is shown once. */
  arrived(message) {
    const timeline = this.store.timelines.get(message.channel_id);
    if (timeline?.index(message.id) >= 0) return;
    const guildId = this.store.channels.get(message.channel_id)?.guild_id;
    apply(this.store, "MESSAGE_CREATE", guildId ? { ...message, guild_id: guildId } : message);
    if (timeline?.hasNewer) this.column.toPresent();
  }

  startEditing(id) {
    const message = this.store.timeline(this.channelId).get(id);
    const previous = this.editing?.id;
    const done = () => {
      this.editing = null;
      this.column.updated(id);
      this.composer.box.focus();
      return true;
    };
    this.editing = { id, node: editBox(this, message, done) };
    if (previous) this.column.updated(previous);
    this.column.updated(id);
  }

  editLast() {
    const mine = this.store.timeline(this.channelId).messages.filter((m) => m.author.id === this.store.me.id && (m.type === 0 || m.type === 19));
    const last = mine[mine.length - 1];
    if (!last) return;
    this.startEditing(last.id);
    this.column.node(last.id).scrollIntoView({ block: "nearest" });
  }

  guildOf(message) {
    return message.guild_id ?? this.store.channels.get(message.channel_id)?.guild_id;
  }

  /** The bot one would talk to here. */
  botHere() {
    const members = [...(this.store.guilds.get(this.guildId)?.members.values() ?? [])].map((member) => member.user);
    const direct = this.store.channels.get(this.channelId)?.recipients ?? [];
    return (this.guildId === "@me" ? direct : members).find((user) => user.bot);
  }

  // --- addresses ---

  emojiUrl(emoji) {
    return `/cdn/emojis/${emoji.id}.${emoji.animated ? "gif" : "png"}`;
  }

  /** The address when this server has it itself, else null. */
  localUrl(address) {
    if (typeof address !== "string") return null;
    const url = URL.canParse(address, location.origin) ? new URL(address, location.origin) : null;
    return url && this.cdnOrigins.has(url.origin) ? url.href : null;
  }

  // --- drawing ---

  say(text) {
    toast(text);
  }

  drawSoon() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = null;
      renderRail(this);
      renderChannels(this);
      this.drawTitle();
    });
  }

  draw() {
    renderRail(this);
    renderChannels(this);
    renderMembers(this);
    renderHints(this);
    this.drawHead();
  }

  peopleChanged() {
    renderMembers(this);
    renderHints(this);
    clearTimeout(this.refreshing);
    this.refreshing = setTimeout(() => this.channelId && this.column.refresh(), 100);
  }

  drawHead() {
    const channel = this.store.channels.get(this.channelId);
    const direct = !channel?.guild_id;
    fill(byId("channel-name"), channel ? `${direct ? "@" : isThread(channel) ? "⤷ " : "#"}${this.store.channelTitle(channel)}` : "");
    byId("channel-topic").textContent = channel?.topic ?? "";
    byId("members").classList.toggle("none", direct);
    this.drawTitle();
  }

  drawTitle() {
    const channel = this.store.channels.get(this.channelId);
    const pings = [...this.store.mentions.values()].reduce((a, b) => a + b, 0);
    const where = channel ? `${channel.guild_id ? "#" : ""}${this.store.channelTitle(channel)}` : "digmbot";
    document.title = `${pings ? `(${pings}) ` : ""}${where} · sandbox`;
  }
}

function fromHash() {
  const match = /^#\/channels\/(\d+|@me)\/(\d+)(?:\/(\d+))?$/.exec(location.hash);
  return match && { guildId: match[1], channelId: match[2], messageId: match[3] };
}
