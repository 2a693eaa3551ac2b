// Editing one's own message in place: Enter saves, Escape leaves it as it was.

import { h } from "../dom.js";
import { fromWire, toWire } from "../names.js";
import { orToast } from "../overlay.js";

export function editBox(app, message, done) {
  const channel = app.store.channels.get(message.channel_id);
  const before = fromWire(message.content, app.store, channel);
  const box = h("textarea", { "aria-label": "Edit the message", value: before, rows: 1 });
  const save = async () => {
    const text = toWire(box.value.trim(), app.store, channel);
    if (box.value.trim() === before) return done();
    if (!text && !message.attachments?.length) {
      done();
      return app.actions.confirmDelete(message, `/channels/${channel.id}/messages/${message.id}`);
    }
    const saved = await orToast(() => app.rest.patch(`/channels/${channel.id}/messages/${message.id}`, { content: text }));
    return saved && done();
  };
  const grow = () => {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  };
  box.addEventListener("input", grow);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      done();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      save();
    }
  });
  const hint = h("p", { class: "subtext" }, "escape to ", h("button", { type: "button", class: "as-link", onclick: done }, "cancel"), " • enter to ", h("button", { type: "button", class: "as-link", onclick: save }, "save"));
  const node = h("div", { class: "body edit" }, box, hint);
  requestAnimationFrame(() => {
    grow();
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  });
  return node;
}
