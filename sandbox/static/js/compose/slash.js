// The form a slash command opens above the composer: one field per option, the optional ones on request.

import { fill, h } from "../dom.js";
import { optionsOf } from "../render/components.js";

const PICKERS = { 6: 5, 7: 8, 8: 6, 9: 7 }; // option type → the select menu that offers the same

export class SlashForm {
  constructor(app, box, { onClose }) {
    this.app = app;
    this.box = box;
    this.onClose = onClose;
    this.entry = null;
  }

  open(entry) {
    this.entry = entry;
    this.fields = [];
    this.rows = h("div", { class: "slash-fields" });
    const later = h("div", { class: "row" });
    for (const option of entry.options) {
      if (option.required) this.addField(option);
      else later.append(this.moreButton(option));
    }
    const head = h("div", { class: "slash-head" }, h("strong", {}, `/${entry.name}`), h("span", { class: "about" }, entry.description), h("small", {}, entry.appName));
    const buttons = h("div", { class: "dialog-buttons" }, h("button", { type: "button", class: "button", onclick: () => this.close() }, "Cancel"), h("button", { type: "submit", class: "button primary" }, "Run"));
    const form = h("form", { class: "slash", "aria-label": `Command ${entry.name}`, onkeydown: (event) => event.key === "Escape" && this.close() }, head, this.rows, later, buttons);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.run();
    });
    fill(this.box, form);
    this.box.hidden = false;
    (this.rows.querySelector("input, select, textarea") ?? form.querySelector("button[type=submit]")).focus();
  }

  moreButton(option) {
    const button = h("button", { type: "button", class: "button secondary small", title: option.description }, `+ ${option.name}`);
    button.addEventListener("click", () => {
      button.remove();
      this.addField(option).focus();
    });
    return button;
  }

  addField(option) {
    const control = this.control(option);
    this.fields.push({ option, control });
    const about = h("small", {}, option.description);
    const list = option.autocomplete ? this.suggestions(option, control) : null;
    this.rows.append(h("label", {}, h("span", {}, option.name, option.required ? h("span", { class: "must" }, " *") : null), control, list, about));
    return control;
  }

  control(option) {
    const required = Boolean(option.required);
    const props = { required, "aria-label": option.name };
    const choose = (entries) => h("select", props, h("option", { value: "" }, required ? "Choose…" : "—"), entries.map((e) => h("option", { value: String(e.value) }, e.label ?? e.name)));
    if (option.choices?.length) return choose(option.choices);
    if (option.type === 5) return choose([{ value: "true", name: "True" }, { value: "false", name: "False" }]);
    if (PICKERS[option.type]) return choose(optionsOf(this.app, this.app.store.channels.get(this.app.channelId)?.guild_id, { type: PICKERS[option.type], channel_types: option.channel_types }));
    if (option.type === 11) return h("input", { ...props, type: "file" });
    if (option.type === 4 || option.type === 10) return h("input", { ...props, type: option.autocomplete ? "text" : "number", step: option.type === 4 ? 1 : "any", min: option.min_value, max: option.max_value });
    return h("input", { ...props, type: "text", minlength: option.min_length, maxlength: option.max_length, autocomplete: "off" });
  }

  /** What the application proposes while one types; choosing keeps the value behind the shown name. */
  suggestions(option, control) {
    const list = h("ul", { class: "suggestions", hidden: true });
    let timer;
    const choose = (choice) => {
      control.value = choice.name;
      control.dataset.value = JSON.stringify(choice.value);
      list.hidden = true;
    };
    const ask = () => {
      const options = this.values().filter((o) => o.name !== option.name);
      const focused = { type: option.type, name: option.name, value: control.value, focused: true };
      this.app.interactions.autocomplete(this.entry, [...options, focused], (choices) => {
        list.hidden = choices.length === 0 || document.activeElement !== control;
        fill(list, choices.map((choice) => h("li", {}, h("button", { type: "button", onpointerdown: (event) => (event.preventDefault(), choose(choice)), onclick: () => choose(choice) }, choice.name))));
      });
    };
    control.addEventListener("input", () => {
      delete control.dataset.value;
      clearTimeout(timer);
      timer = setTimeout(ask, 150);
    });
    control.addEventListener("focus", ask);
    const intoList = (event) => event.relatedTarget && list.contains(event.relatedTarget);
    control.addEventListener("blur", (event) => {
      if (!intoList(event)) list.hidden = true;
    });
    control.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" || list.hidden) return;
      event.preventDefault();
      list.querySelector("button").focus();
    });
    return list;
  }

  values() {
    const filled = this.fields.filter(({ control }) => control.type !== "file" && control.value !== "");
    return filled.map(({ option, control }) => ({ type: option.type, name: option.name, value: typed(option, control) }));
  }

  run() {
    const files = [];
    const attached = [];
    for (const { option, control } of this.fields) {
      if (control.type !== "file" || !control.files.length) continue;
      attached.push({ type: 11, name: option.name, value: String(files.length) });
      files.push(control.files[0]);
    }
    this.app.interactions.runCommand(this.entry, [...this.values(), ...attached], files);
    this.close();
  }

  close() {
    this.entry = null;
    this.box.hidden = true;
    fill(this.box);
    this.onClose();
  }
}

function typed(option, control) {
  if (control.dataset.value) return JSON.parse(control.dataset.value);
  if (option.type === 4 || option.type === 10) return Number(control.value);
  return option.type === 5 ? control.value === "true" : control.value;
}
