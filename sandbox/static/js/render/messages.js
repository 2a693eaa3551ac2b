// The message column: one channel's timeline, kept in step with the store, with the scroll position under control.

import { byId, h } from "../dom.js";
import { learnPeople } from "../events.js";
import { orToast } from "../overlay.js";
import { compareIds } from "../snowflake.js";
import { KIND } from "../state.js";
import { clockTime } from "../when.js";
import { dateOf, messageNode, patchMessage } from "./message.js";

const PAGE = 50;

export class MessageColumn {
  constructor(app) {
    this.app = app;
    this.store = app.store;
    this.list = byId("messages");
    this.scroller = byId("scroller");
    this.jumpBar = byId("jump-bar");
    this.unreadBar = byId("unread-bar");
    this.channelId = null;
    this.stuck = true;
    this.missed = 0;
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.jumpBar.addEventListener("click", () => this.toPresent());
    this.unreadBar.addEventListener("click", () => this.clearUnread());
    document.addEventListener("visibilitychange", () => this.sawBottom());
    // The column itself changes size (keyboard, wider window): whoever was at the bottom stays there.
    new ResizeObserver(() => this.stuck && this.toBottom()).observe(this.scroller);
    new ResizeObserver(() => this.stuck && this.toBottom()).observe(this.list);
    this.store.on("message-add", (message) => message.channel_id === this.channelId && this.added(message));
    this.store.on("message-update", (message) => message.channel_id === this.channelId && this.updated(message.id));
    this.store.on("message-remove", ({ channelId, id }) => channelId === this.channelId && this.removed(id));
  }

  get timeline() {
    return this.store.timeline(this.channelId);
  }

  /** Shows a channel, at its end, at the first unread message or around a given one. */
  async show(channel, aroundId) {
    this.channelId = channel.id;
    this.newFrom = this.store.isUnread(channel) ? this.store.read[channel.id] : null;
    this.missed = 0;
    const timeline = this.timeline;
    if (aroundId && timeline.index(aroundId) < 0) await this.load({ around: aroundId });
    else if (!timeline.loaded || timeline.hasNewer) await this.load({});
    if (this.channelId !== channel.id) return;
    this.renderAll();
    if (aroundId) this.reveal(aroundId);
    else this.toBottom();
    this.offerUnread();
    this.sawBottom();
  }

  async load({ around, before, after }) {
    const { channelId, timeline } = this;
    const query = around ? `&around=${around}` : before ? `&before=${before}` : after ? `&after=${after}` : "";
    const page = await orToast(() => this.app.rest.get(`/channels/${channelId}/messages?limit=${PAGE}${query}`));
    if (!page) return [];
    if (!before && !after) timeline.clear();
    page.forEach((message) => learnPeople(this.store, message));
    page.forEach((message) => timeline.put(message));
    const full = page.length === PAGE;
    if (!after) timeline.hasOlder = around ? page.length > 0 : full;
    const last = this.store.channels.get(channelId)?.last_message_id;
    if (around) timeline.hasNewer = Boolean(last && timeline.newest && compareIds(timeline.newest.id, last) < 0);
    if (after) timeline.hasNewer = full;
    timeline.loaded = true;
    return page;
  }

  empty(text) {
    this.channelId = null;
    this.unreadBar.hidden = this.jumpBar.hidden = true;
    this.list.replaceChildren(h("li", { class: "older" }, text));
  }

  renderAll() {
    const { messages } = this.timeline;
    const nodes = messages.map((message, index) => this.build(message, messages[index - 1]));
    this.list.replaceChildren(this.beginning(), ...nodes);
    this.showJump();
  }

  beginning() {
    const channel = this.store.channels.get(this.channelId);
    if (this.timeline.hasOlder || !channel) return h("li", { class: "older" }, "Loading older messages…");
    const title = this.store.channelTitle(channel);
    const direct = channel.type === KIND.dm;
    const text = direct ? `This is the beginning of your direct messages with ${title}.` : `This is the start of #${title}.`;
    return h("li", { class: "beginning" }, h("strong", {}, direct ? title : `Welcome to #${title}`), h("p", {}, text));
  }

  build(message, previous) {
    const divider = this.newFrom && compareIds(message.id, this.newFrom) > 0 && (!previous || compareIds(previous.id, this.newFrom) <= 0);
    return messageNode(this.app, message, { previous, divider: divider && message.author.id !== this.store.me.id });
  }

  node(id) {
    return byId(`m-${id}`);
  }

  // --- changes ---

  added(message) {
    const at = this.timeline.index(message.id);
    const { messages } = this.timeline;
    const follower = messages[at + 1] && this.node(messages[at + 1].id);
    const mine = message.author.id === this.store.me.id;
    const away = !this.stuck || document.hidden;
    if (away && !mine && !this.newFrom) this.newFrom = messages[at - 1]?.id ?? null;
    this.keepPlace(() => this.list.insertBefore(this.build(message, messages[at - 1]), follower ?? null));
    if (follower) this.updated(messages[at + 1].id);
    if (mine) {
      this.clearUnread();
      this.toBottom();
    } else if (!this.stuck) this.missed += 1;
    this.sawBottom();
    this.showJump();
  }

  updated(id) {
    const at = this.timeline.index(id);
    const old = this.node(id);
    if (at < 0 || !old) return;
    const { messages } = this.timeline;
    this.keepPlace(() => patchMessage(old, this.build(messages[at], messages[at - 1])), old);
  }

  removed(id) {
    const node = this.node(id);
    const next = node?.nextElementSibling?.dataset.id;
    this.keepPlace(() => node?.remove(), node);
    if (next) this.updated(next);
  }

  refresh() {
    for (const message of this.timeline.messages) this.updated(message.id);
  }

  /** Whoever reads further up keeps seeing the same lines, whatever happens above them. */
  keepPlace(change, node) {
    const before = this.scroller.scrollHeight;
    const above = node && node.offsetTop < this.scroller.scrollTop;
    change();
    if (this.stuck) this.toBottom();
    else if (above) this.scroller.scrollTop += this.scroller.scrollHeight - before;
  }

  // --- scrolling ---

  toBottom() {
    this.stuck = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  atBottom() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < 32;
  }

  scrolled() {
    if (!this.channelId) return;
    this.stuck = this.atBottom() && !this.timeline.hasNewer;
    if (this.stuck) this.missed = 0;
    this.sawBottom();
    this.showJump();
    if (this.scroller.scrollTop < 400 && this.timeline.hasOlder) this.more("before");
    else if (this.atBottom() && this.timeline.hasNewer) this.more("after");
  }

  async more(direction) {
    if (this.loading || !this.timeline.messages.length) return;
    this.loading = true;
    const { channelId } = this;
    const { messages } = this.timeline;
    const edge = direction === "before" ? messages[0] : messages[messages.length - 1];
    try {
      await this.load({ [direction]: edge.id });
      if (channelId !== this.channelId) return;
      // Measured against a line on screen, so it stays where it is.
      const offset = () => this.node(edge.id).offsetTop - this.scroller.scrollTop;
      const before = offset();
      this.renderAll();
      this.scroller.scrollTop += offset() - before;
    } finally {
      this.loading = false;
    }
  }

  reveal(id) {
    const node = this.node(id);
    if (!node) return;
    this.stuck = false;
    node.scrollIntoView({ block: "center" });
    node.classList.add("flash");
    node.focus({ preventScroll: true });
    setTimeout(() => node.classList.remove("flash"), 2000);
    this.scrolled();
  }

  async toPresent() {
    if (this.timeline.hasNewer) await this.load({});
    this.missed = 0;
    this.renderAll();
    this.toBottom();
    this.sawBottom();
    this.showJump();
  }

  showJump() {
    const away = this.timeline.hasNewer || (!this.stuck && !this.atBottom() && (this.missed || this.farUp()));
    this.jumpBar.hidden = !away;
    const count = this.missed === 1 ? "1 new message" : `${this.missed} new messages`;
    this.jumpBar.textContent = this.missed ? `${count} ↓` : "You are looking at older messages · Jump to the present ↓";
  }

  farUp() {
    return this.scroller.scrollHeight - this.scroller.scrollTop > this.scroller.clientHeight * 2.5;
  }

  // --- unread ---

  offerUnread() {
    const fresh = this.newFrom ? this.timeline.messages.filter((m) => compareIds(m.id, this.newFrom) > 0) : [];
    this.unreadBar.hidden = fresh.length === 0;
    if (fresh.length) this.unreadBar.textContent = `${fresh.length === 1 ? "1 new message" : `${fresh.length} new messages`} since ${clockTime(dateOf(fresh[0]))} · mark as read`;
  }

  clearUnread() {
    this.unreadBar.hidden = true;
    if (!this.newFrom) return;
    this.newFrom = null;
    this.refresh();
  }

  sawBottom() {
    if (!this.channelId || document.hidden || !this.stuck || this.timeline.hasNewer) return;
    this.store.markRead(this.channelId);
  }
}
