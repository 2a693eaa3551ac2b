// The member list, grouped by the highest role that is shown apart, and the person this page writes as.

import { avatar, byId, fill, h, icon, ICONS } from "../dom.js";
import { popup } from "../overlay.js";
import { permissionsIn, RIGHTS } from "../permissions.js";

export function renderMembers(app) {
  const { store } = app;
  const guild = store.guilds.get(app.guildId);
  const channel = store.channels.get(app.channelId);
  if (!guild || !channel) {
    fill(byId("members"));
    return;
  }
  const present = [...guild.members.values()].filter((m) => permissionsIn(store, channel, m.user.id) & RIGHTS.viewChannel);
  const groups = new Map();
  for (const member of present) {
    const role = shownApart(guild, member);
    const key = role?.id ?? "";
    if (!groups.has(key)) groups.set(key, { title: role?.name ?? "Members", position: role?.position ?? -1, members: [] });
    groups.get(key).members.push(member);
  }
  const sorted = [...groups.values()].sort((a, b) => b.position - a.position);
  fill(byId("members"), sorted.map((group) => section(app, guild, group)));
}

function shownApart(guild, member) {
  const roles = (member.roles ?? []).map((id) => guild.roles.get(id)).filter((role) => role?.hoist);
  return roles.sort((a, b) => b.position - a.position)[0];
}

function section(app, guild, { title, members }) {
  const { store } = app;
  members.sort((a, b) => store.nameOf(a.user, guild.id).localeCompare(store.nameOf(b.user, guild.id)));
  const rows = members.map((member) => h("li", {}, memberButton(app, guild, member)));
  return h("section", {}, h("h3", { class: "category" }, `${title} — ${members.length}`), h("ul", {}, rows));
}

function memberButton(app, guild, member) {
  const { store } = app;
  const { user } = member;
  const name = store.nameOf(user, guild.id);
  const color = store.colorOf(user.id, guild.id);
  const style = color ? { color: `color-mix(in oklab, ${color} 62%, var(--text))` } : null;
  return h(
    "button",
    { type: "button", class: "member", onclick: (event) => card(app, guild, member, event.currentTarget) },
    avatar(name, user.id, "small"),
    h("span", { class: "channel-text", style }, name),
    user.bot && h("span", { class: "tag" }, "APP"),
  );
}

function card(app, guild, { user, roles = [] }, anchor) {
  const { store } = app;
  const name = store.nameOf(user, guild.id);
  const act = (label, action) => h("button", { type: "button", class: "button secondary", onclick: () => (close(), action()) }, label);
  const names = roles.map((id) => guild.roles.get(id)?.name).filter(Boolean);
  const content = h(
    "div",
    { class: "card" },
    avatar(name, user.id, "large"),
    h("strong", {}, name, user.bot ? h("span", { class: "tag" }, "APP") : null),
    h("p", {}, user.username),
    names.length > 0 && h("p", { class: "role-list" }, names.map((role) => h("span", {}, role))),
    h("div", { class: "row" }, act("Mention", () => app.composer.add(`@${user.username} `)), user.id !== store.me.id && act("Message", () => app.openDirect(user.id))),
  );
  const close = popup(anchor, content, { label: name });
  content.querySelector("button").focus();
}

/** The box at the bottom left: who writes, and the list of everybody else to write as. */
export function renderPerson(app) {
  const { me } = app.store;
  const name = me ? app.store.nameOf(me) : "…";
  const button = h(
    "button",
    { type: "button", class: "person-button", "aria-haspopup": "listbox", title: "Write as somebody else", onclick: (event) => choosePerson(app, event.currentTarget) },
    me && avatar(name, me.id, "small"),
    h("span", { class: "person-text" }, h("small", {}, "Writing as"), h("strong", {}, name)),
    h("span", { "aria-hidden": "true" }, "⇅"),
  );
  fill(byId("person"), button);
}

function choosePerson(app, anchor) {
  const rows = app.people.map((person) => {
    const name = person.global_name || person.username;
    const chosen = person.id === app.store.me?.id;
    const pick = () => (close(), app.become(person));
    return h("button", { type: "button", role: "option", "aria-selected": String(chosen), onclick: pick }, avatar(name, person.id, "small"), h("span", {}, name), chosen ? icon("M9 16 5 12l-1.5 1.500L9 19 21 7l-1.5-1.500z") : null);
  });
  const list = h("div", { class: "menu people", role: "listbox", "aria-label": "Write as" }, rows);
  const close = popup(anchor, [h("p", { class: "menu-title" }, "Write as"), list], { label: "Write as" });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = rows.indexOf(document.activeElement);
    rows[(at + step + rows.length) % rows.length].focus();
  });
  (rows.find((row) => row.getAttribute("aria-selected") === "true") ?? rows[0])?.focus();
}
