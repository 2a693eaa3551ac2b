// The servers on the left: direct messages first, then each server with its unread and mention marks.

import { byId, fill, h, icon, ICONS } from "../dom.js";

export function renderRail(app) {
  const { store } = app;
  const entry = ({ label, current, unread, mentions, face, go }) =>
    h(
      "div",
      { class: ["server", current && "current", unread && "unread"].filter(Boolean).join(" ") },
      h("button", { type: "button", title: label, "aria-label": describe(label, unread, mentions), "aria-current": current ? "true" : null, onclick: go }, face),
      mentions ? h("span", { class: "badge", "aria-hidden": "true" }, String(mentions)) : null,
    );
  const direct = store.directMessages();
  const home = entry({
    label: "Direct messages",
    current: app.guildId === "@me",
    unread: direct.some((channel) => store.isUnread(channel)),
    mentions: sum(direct.map((channel) => store.mentions.get(channel.id) ?? 0)),
    face: icon(ICONS.chat),
    go: () => app.openGuild("@me"),
  });
  const guilds = [...store.guilds.values()].map((guild) => {
    const channels = store.channelsOf(guild.id).filter((channel) => store.visible(channel));
    return entry({
      label: guild.name,
      current: app.guildId === guild.id,
      unread: channels.some((channel) => store.isUnread(channel)),
      mentions: sum(channels.map((channel) => store.mentions.get(channel.id) ?? 0)),
      face: initials(guild.name),
      go: () => app.openGuild(guild.id),
    });
  });
  fill(byId("rail"), home, h("hr"), guilds);
}

function describe(label, unread, mentions) {
  return `${label}${mentions ? `, ${mentions} mentions` : unread ? ", unread" : ""}`;
}

function sum(numbers) {
  return numbers.reduce((a, b) => a + b, 0);
}

function initials(name) {
  return name.split(/\s+/).slice(0, 3).map((word) => [...word][0] ?? "").join("");
}
