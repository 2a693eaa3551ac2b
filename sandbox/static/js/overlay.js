// What floats above the page: toasts, popups beside a button, menus and dialogs.

import { byId, fill, h, icon, ICONS } from "./dom.js";

export function toast(text, kind = "error") {
  const note = h("div", { class: `toast ${kind}` }, h("span", {}, text));
  note.append(h("button", { type: "button", class: "icon-button small", "aria-label": "Dismiss", onclick: () => note.remove() }, icon(ICONS.close)));
  byId("toasts").append(note);
  setTimeout(() => note.remove(), 6000);
}

/** Runs something that talks to the server; a refusal becomes a toast with the server's own words. */
export async function orToast(action) {
  try {
    return await action();
  } catch (error) {
    if (!("status" in error)) throw error;
    toast(error.message);
    return undefined;
  }
}

let closeCurrent = () => {};

/** Shows `content` beside `anchor` until Escape or a click elsewhere. Returns the closing function. */
export function popup(anchor, content, { label = "", role = "dialog", onClose = () => {} } = {}) {
  closeCurrent();
  const box = h("div", { class: "popup", role, "aria-label": label || null, tabindex: "-1" }, content);
  const opener = document.activeElement;
  const close = () => {
    box.remove();
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", escape, true);
    closeCurrent = () => {};
    onClose();
  };
  const outside = (event) => {
    if (!box.contains(event.target)) close();
  };
  const escape = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
    opener?.focus?.();
  };
  closeCurrent = close;
  document.body.append(box);
  place(box, anchor);
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", escape, true);
  return close;
}

/** Below the anchor where there is room, else above; never outside the window. */
function place(box, anchor) {
  const at = anchor instanceof Element ? anchor.getBoundingClientRect() : { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y };
  const { offsetWidth: width, offsetHeight: height } = box;
  const left = Math.max(8, Math.min(at.left, innerWidth - width - 8));
  const below = at.bottom + 6 + height < innerHeight;
  box.style.left = `${left}px`;
  box.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - height - 6)}px`;
}

/** entries: [{label, action, danger, entries}]; arrow keys move, Enter acts. */
export function menu(anchor, entries, label) {
  const list = h("div", { class: "menu" });
  const close = popup(anchor, list, { label, role: "menu" });
  const show = (items, back) => {
    fill(list, items.map((entry) => menuItem(entry, close, (inner) => show(inner, items))));
    if (back) list.prepend(menuItem({ label: "‹ Back", entries: back }, close, (inner) => show(inner)));
    list.firstElementChild?.focus();
  };
  list.addEventListener("keydown", (event) => moveFocus(event, list));
  show(entries);
  place(list.parentElement, anchor);
}

function menuItem(entry, close, open) {
  const act = () => {
    if (entry.entries) return open(entry.entries);
    close();
    return entry.action();
  };
  const tail = entry.entries && !entry.label.startsWith("‹") ? h("span", { "aria-hidden": "true" }, "▸") : null;
  return h("button", { type: "button", role: "menuitem", class: entry.danger ? "danger" : null, onclick: act }, h("span", {}, entry.label), tail);
}

function moveFocus(event, list) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...list.children];
  const at = items.indexOf(document.activeElement);
  items[(at + step + items.length) % items.length].focus();
}

/** A modal form. `onSubmit` may be async; the dialog closes when it is done. Returns the <dialog>. */
export function dialog({ title, body, submit = "Submit", danger = false, onSubmit, onCancel = () => {} }) {
  const close = () => {
    element.close();
    element.remove();
  };
  const cancel = () => {
    close();
    onCancel();
  };
  const button = h("button", { type: "submit", class: danger ? "button danger" : "button primary" }, submit);
  const form = h(
    "form",
    {
      onsubmit: async (event) => {
        event.preventDefault();
        button.disabled = true;
        const kept = (await onSubmit()) === false;
        button.disabled = false;
        if (!kept) close();
      },
    },
    h("h2", {}, title),
    h("div", { class: "dialog-body" }, body),
    h("div", { class: "dialog-buttons" }, h("button", { type: "button", class: "button", onclick: cancel }, "Cancel"), button),
  );
  const element = h("dialog", { class: "dialog", "aria-label": title, oncancel: (event) => (event.preventDefault(), cancel()) }, form);
  document.body.append(element);
  element.showModal();
  return element;
}
