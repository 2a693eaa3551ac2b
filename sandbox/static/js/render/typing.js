// "Mia is typing…" below the composer.

import { byId, fill, h } from "../dom.js";

export function renderTyping(app) {
  const { store } = app;
  const channel = store.channels.get(app.channelId);
  const names = [...(store.typing.get(app.channelId)?.keys() ?? [])].map((id) => store.nameOf({ id }, channel?.guild_id));
  if (!names.length) {
    fill(byId("typing"));
    return;
  }
  const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  const who = names.length > 3 ? "Several people are typing…" : `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} typing…`;
  fill(byId("typing"), dots, who);
}
