// Message components: buttons, select menus, and the layout kind (containers, sections, text, galleries).

import { h } from "../dom.js";
import { popup } from "../overlay.js";
import { cssColor } from "../state.js";
import { attachmentNode, picture } from "./embeds.js";
import { customEmoji, richText } from "./text.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "primary" };

export function componentNode(app, message, component) {
  const inner = () => (component.components ?? []).map((child) => componentNode(app, message, child));
  switch (component.type) {
    case 1:
      return h("div", { class: "row" }, inner());
    case 2:
      return buttonNode(app, message, component);
    case 3:
    case 5:
    case 6:
    case 7:
    case 8:
      return selectNode(app, message, component);
    case 9:
      return h("div", { class: "section" }, h("div", {}, inner()), component.accessory && componentNode(app, message, component.accessory));
    case 10:
      return richText(app, component.content, app.guildOf(message));
    case 11:
      return picture(app, mediaOf(component), component.description ?? "thumbnail");
    case 12:
      return h("div", { class: "gallery" }, (component.items ?? []).map((item) => picture(app, mediaOf(item), item.description ?? "picture")));
    case 13:
      return attachmentNode(app, { filename: component.name ?? "file", size: component.size ?? 0, url: component.file.url });
    case 14:
      return h("hr", { class: component.divider === false ? "gap" : null });
    case 17:
      return h("div", { class: "container", style: component.accent_color ? { "--stripe": cssColor(component.accent_color) } : null }, inner());
    default:
      return h("p", { class: "subtext" }, "A control this page cannot show.");
  }
}

function mediaOf(item) {
  return { ...item.media, description: item.description };
}

function buttonNode(app, message, component) {
  const label = [component.emoji && customEmoji(app, component.emoji), component.label].filter(Boolean);
  const style = STYLES[component.style] ?? "secondary";
  if (component.style === 5) {
    const safe = /^(https?|discord):\/\//.test(component.url ?? "");
    return h("a", { class: "button link", href: safe ? component.url : null, target: "_blank", rel: "noopener noreferrer" }, label, " ↗");
  }
  const button = h("button", { type: "button", class: `button ${style}`, disabled: component.disabled, dataset: { key: component.custom_id } }, label);
  button.addEventListener("click", () => app.interactions.click(message, component, [], button));
  return button;
}

/** One choice is a plain <select>; several are ticked in a popup. */
function selectNode(app, message, component) {
  const options = optionsOf(app, app.guildOf(message), component);
  const placeholder = component.placeholder ?? "Choose…";
  if ((component.max_values ?? 1) <= 1) {
    const select = h(
      "select",
      { class: "select", disabled: component.disabled, "aria-label": placeholder },
      h("option", { value: "", disabled: true, selected: !options.some((o) => o.default) }, placeholder),
      options.map((o) => h("option", { value: o.value, selected: o.default, title: o.description }, o.description ? `${o.label} — ${o.description}` : o.label)),
    );
    select.addEventListener("change", () => app.interactions.click(message, component, [select.value], select));
    return select;
  }
  const button = h("button", { type: "button", class: "select", disabled: component.disabled }, placeholder, " ▾");
  button.addEventListener("click", () => pickSeveral(button, component, options, (values) => app.interactions.click(message, component, values, button)));
  return button;
}

function pickSeveral(anchor, component, options, done) {
  const boxes = options.map((o) => h("input", { type: "checkbox", value: o.value, checked: Boolean(o.default) }));
  const finish = h("button", { type: "button", class: "button primary" }, "Done");
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const check = () => {
    const count = chosen().length;
    finish.disabled = count < (component.min_values ?? 1) || count > component.max_values;
  };
  boxes.forEach((box) => box.addEventListener("change", check));
  const rows = options.map((o, index) => h("label", { class: "tick" }, boxes[index], o.label, o.description && h("small", {}, o.description)));
  const close = popup(anchor, [h("div", { class: "ticks" }, rows), finish], { label: component.placeholder ?? "Choose" });
  finish.addEventListener("click", () => (close(), done(chosen())));
  check();
  boxes[0]?.focus();
}

/** What a select menu offers: its own options, or the server's people, roles and channels. */
export function optionsOf(app, guildId, component) {
  const { store } = app;
  const guild = store.guilds.get(guildId);
  const preset = new Set((component.default_values ?? []).map((value) => value.id));
  const entry = (value, label) => ({ value, label, default: preset.has(value) });
  const users = () => [...(guild?.members.values() ?? [])].map(({ user }) => entry(user.id, store.nameOf(user, guildId)));
  const roles = () => [...(guild?.roles.values() ?? [])].map((role) => entry(role.id, `@${role.name.replace(/^@/, "")}`));
  const fits = (channel) => !component.channel_types?.length || component.channel_types.includes(channel.type);
  switch (component.type) {
    case 5:
      return users();
    case 6:
      return roles();
    case 7:
      return [...users(), ...roles()];
    case 8:
      return store.channelsOf(guildId).filter((c) => store.visible(c) && fits(c)).map((c) => entry(c.id, `#${c.name}`));
    default:
      return (component.options ?? []).map((o) => ({ ...o, label: `${o.emoji?.id ? "" : o.emoji?.name ?? ""} ${o.label}`.trim() }));
  }
}
