// The fields of a modal form, and what was entered as Discord's components.

import { h } from "../dom.js";
import { optionsOf } from "./components.js";
import { richText } from "./text.js";

/** → {nodes, values()}; values() mirrors the structure that came (rows or labels around one field each). */
export function modalFields(app, components) {
  const fields = components.map((component) => field(app, component));
  return { nodes: fields.map((f) => f.node), values: () => fields.map((f) => f.value()).filter(Boolean) };
}

function field(app, component, label = "", hint = "") {
  if (component.type === 1) return wrapped(component, (component.components ?? []).map((inner) => field(app, inner)));
  if (component.type === 18) {
    const inner = field(app, component.component, component.label, component.description);
    return { node: inner.node, value: () => ({ type: 18, id: component.id, component: inner.value() }) };
  }
  if (component.type === 10) return { node: richText(app, component.content, app.guildId), value: () => null };
  if (component.type === 4) return textField(component, label, hint);
  return choiceField(app, component, label, hint);
}

function wrapped(component, inner) {
  return { node: h("div", {}, inner.map((f) => f.node)), value: () => ({ type: 1, id: component.id, components: inner.map((f) => f.value()) }) };
}

function labelled(title, hint, required, control) {
  return h("label", { class: "field-label" }, h("span", {}, title, required ? h("span", { class: "must", title: "required" }, " *") : null), hint && h("small", {}, hint), control);
}

function textField(component, label, hint) {
  const props = { required: component.required !== false, minlength: component.min_length, maxlength: component.max_length ?? 4000, placeholder: component.placeholder, value: component.value ?? "" };
  const control = component.style === 2 ? h("textarea", { ...props, rows: 4 }) : h("input", { ...props, type: "text" });
  return { node: labelled(label || component.label, hint, props.required, control), value: () => ({ type: 4, id: component.id, custom_id: component.custom_id, value: control.value }) };
}

function choiceField(app, component, label, hint) {
  const { type, id, custom_id: customId } = component;
  const options = optionsOf(app, app.guildId, component);
  const required = component.required !== false;
  if (type === 23) {
    const box = h("input", { type: "checkbox", checked: Boolean(component.default) });
    return { node: h("label", { class: "tick" }, box, label), value: () => ({ type, id, custom_id: customId, value: box.checked }) };
  }
  if (type === 21 || type === 22) {
    const kind = type === 21 ? "radio" : "checkbox";
    const boxes = options.map((o) => h("input", { type: kind, name: customId, value: o.value, checked: Boolean(o.default), required: required && type === 21 }));
    const node = h("fieldset", {}, h("legend", {}, label), options.map((o, index) => h("label", { class: "tick" }, boxes[index], o.label)));
    const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
    return { node, value: () => (type === 21 ? { type, id, custom_id: customId, value: chosen()[0] ?? null } : { type, id, custom_id: customId, values: chosen() }) };
  }
  if (type === 19) return { node: h("p", { class: "subtext" }, `${label}: files cannot be sent in a form here.`), value: () => ({ type, id, custom_id: customId, values: [] }) };
  const several = (component.max_values ?? 1) > 1;
  const select = h("select", { required, multiple: several }, several ? null : h("option", { value: "" }, component.placeholder ?? "Choose…"), options.map((o) => h("option", { value: o.value, selected: o.default }, o.label)));
  return { node: labelled(label, hint, required, select), value: () => ({ type, id, custom_id: customId, values: [...select.selectedOptions].map((o) => o.value).filter(Boolean) }) };
}
