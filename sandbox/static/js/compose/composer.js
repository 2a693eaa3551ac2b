// Where one writes: sending, replying, files, completion, and the note of who types.

import { byId, fill, h, icon, ICONS } from "../dom.js";
import { toWire } from "../names.js";
import { toast } from "../overlay.js";
import { maySend, isThread, may, RIGHTS } from "../permissions.js";
import { makeNonce } from "../snowflake.js";
import { KIND } from "../state.js";
import { Completion } from "./complete.js";
import { SlashForm } from "./slash.js";
import { Uploads } from "./uploads.js";

const LIMIT = 2000;

export class Composer {
  constructor(app) {
    this.app = app;
    this.drafts = new Map();
    this.replying = null;
    this.build();
    this.completion = new Completion(app, this.box, this.list);
    this.slash = new SlashForm(app, this.slashBox, { onClose: () => this.box.focus() });
    this.uploads = new Uploads(this.tray);
    this.listen();
  }

  build() {
    const file = h("input", { type: "file", multiple: true, hidden: true, "aria-label": "Files", onchange: (event) => (this.uploads.add(event.target.files), (event.target.value = "")) });
    this.list = h("ul", { class: "completion", role: "listbox", id: "completion", "aria-label": "Suggestions", hidden: true });
    this.slashBox = h("div", { class: "slash-box", hidden: true });
    this.replyBar = h("div", { class: "reply-bar", hidden: true });
    this.tray = h("ul", { class: "tray", "aria-label": "Files to send", hidden: true });
    this.box = h("textarea", { id: "composer-text", rows: 1, "aria-label": "Message", "aria-autocomplete": "list", "aria-controls": "completion", "aria-expanded": "false", role: "combobox", autocomplete: "off", spellcheck: "true" });
    this.counter = h("span", { class: "counter", "aria-live": "polite" });
    const attach = (this.attach = h("button", { type: "button", class: "icon-button", "aria-label": "Attach files", title: "Attach files", onclick: () => file.click() }, icon(ICONS.plus)));
    const emoji = h("button", { type: "button", class: "icon-button", "aria-label": "Emoji", title: "Emoji", onclick: (event) => this.app.actions.pickEmoji(event.currentTarget, (e) => this.add(e.id ? `:${e.name}: ` : e.name)) }, icon(ICONS.react));
    const send = h("button", { type: "button", class: "icon-button send", "aria-label": "Send", title: "Send (Enter)", onclick: () => this.send() }, icon(ICONS.send));
    fill(byId("composer"), this.list, this.slashBox, this.replyBar, this.tray, h("div", { class: "write" }, attach, file, this.box, this.counter, emoji, send));
  }

  listen() {
    this.box.addEventListener("input", () => this.changed());
    this.box.addEventListener("click", () => this.complete());
    this.box.addEventListener("blur", () => this.completion.close());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("paste", (event) => {
      if (!event.clipboardData?.files.length) return;
      event.preventDefault();
      this.uploads.add(event.clipboardData.files);
    });
    // Typing anywhere goes into the box, as people expect of a chat.
    document.addEventListener("keydown", (event) => {
      const free = document.activeElement === document.body || document.activeElement?.matches(".scroller, .message");
      if (free && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " ") this.box.focus();
    });
  }

  /** The channel changed: its draft, its name, and whether one may write there. */
  enter(channel) {
    this.leave();
    this.channel = channel;
    this.cancelReply();
    const { store } = this.app;
    const forum = channel.type === KIND.forum || channel.type === KIND.media;
    const allowed = !forum && maySend(store, channel);
    const title = store.channelTitle(channel);
    this.box.disabled = !allowed;
    this.attach.disabled = !allowed || Boolean(channel.guild_id && !may(store, channel, RIGHTS.attachFiles));
    this.box.placeholder = allowed ? `Message ${channel.guild_id && !isThread(channel) ? "#" : channel.guild_id ? "" : "@"}${title}` : forum ? "Open a post to read it" : "You do not have permission to send messages in this channel.";
    this.box.value = this.drafts.get(channel.id) ?? "";
    this.changed(true);
    if (matchMedia("(min-width: 760px)").matches) this.box.focus();
  }

  /** No channel is open: nothing to write to. */
  closed() {
    this.leave();
    this.channel = null;
    this.cancelReply();
    this.box.value = "";
    this.box.disabled = this.attach.disabled = true;
    this.box.placeholder = "";
  }

  leave() {
    if (this.channel) this.drafts.set(this.channel.id, this.box.value);
    this.completion.close();
    if (this.slash.entry) this.slash.close();
  }

  add(text) {
    const { box } = this;
    if (box.disabled) return;
    const spaced = box.selectionStart > 0 && text.startsWith("@") && !/\s$/.test(box.value.slice(0, box.selectionStart)) ? ` ${text}` : text;
    box.setRangeText(spaced, box.selectionStart, box.selectionEnd, "end");
    box.focus();
    this.changed();
  }

  set(text) {
    this.box.value = text;
    this.box.focus();
    this.box.setSelectionRange(text.length, text.length);
    this.changed(true);
  }

  changed(quiet = false) {
    const { box } = this;
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, innerHeight * 0.4)}px`;
    const left = LIMIT - [...box.value].length;
    this.counter.textContent = left < 200 ? String(left) : "";
    this.counter.classList.toggle("over", left < 0);
    if (quiet) return;
    this.complete();
    this.tellTyping();
  }

  complete() {
    this.completion.update((command) => {
      this.box.value = "";
      this.changed(true);
      this.slash.open(command);
    });
  }

  tellTyping() {
    const now = Date.now();
    if (!this.box.value.trim() || this.box.value.startsWith("/") || now - (this.toldAt ?? 0) < 8000) return;
    this.toldAt = now;
    this.app.rest.post(`/channels/${this.channel.id}/typing`).catch(() => {}); // a missed hint is no loss
  }

  key(event) {
    if (event.isComposing || this.completion.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && !this.box.value) {
      event.preventDefault();
      this.app.editLast();
    } else if (event.key === "Escape") this.cancelReply();
  }

  // --- replying ---

  replyTo(id) {
    const message = this.app.store.timeline(this.channel.id).get(id);
    if (!message || this.box.disabled) return;
    this.replying = { message, ping: message.author.id !== this.app.store.me.id };
    this.showReply();
    this.box.focus();
  }

  showReply() {
    const { message, ping } = this.replying;
    const name = this.app.store.nameOf(message.author, this.channel.guild_id);
    const toggle = h("button", { type: "button", class: ping ? "on" : "", "aria-pressed": String(ping), title: "Whether the reply notifies them", onclick: () => ((this.replying.ping = !ping), this.showReply()) }, `@ ${ping ? "ON" : "OFF"}`);
    const drop = h("button", { type: "button", class: "icon-button small", "aria-label": "Cancel the reply", onclick: () => this.cancelReply() }, icon(ICONS.close));
    fill(this.replyBar, h("span", { class: "channel-text" }, "Replying to ", h("strong", {}, name)), toggle, drop);
    this.replyBar.hidden = false;
  }

  cancelReply() {
    this.replying = null;
    this.replyBar.hidden = true;
  }

  // --- sending ---

  async send() {
    const { box, channel } = this;
    const typed = box.value.trim();
    if (box.disabled || (!typed && !this.uploads.files.length)) return;
    const content = toWire(typed, this.app.store, channel);
    if ([...content].length > LIMIT) {
      toast(`This message is too long: ${[...content].length} of ${LIMIT} characters.`);
      return;
    }
    const files = this.uploads.take();
    const body = { content, nonce: makeNonce(), ...this.replyPart() };
    const before = { text: box.value, replying: this.replying };
    this.set("");
    this.cancelReply();
    this.toldAt = 0;
    try {
      const message = await this.app.rest.post(`/channels/${channel.id}/messages`, body, files);
      this.app.arrived(message);
    } catch (error) {
      if (!("status" in error)) throw error;
      toast(error.message);
      this.restore(channel, before, files);
    }
  }

  replyPart() {
    if (!this.replying) return {};
    const { message, ping } = this.replying;
    return { message_reference: { message_id: message.id, channel_id: message.channel_id, fail_if_not_exists: false }, allowed_mentions: { parse: ["users", "roles", "everyone"], replied_user: ping } };
  }

  /** What could not be sent is not lost. */
  restore(channel, { text, replying }, files) {
    if (this.channel !== channel || this.box.value) {
      this.drafts.set(channel.id, text);
      return;
    }
    this.set(text);
    this.uploads.add(files);
    this.replying = replying;
    if (replying) this.showReply();
  }
}
