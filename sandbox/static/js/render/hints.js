// The card for newcomers: sentences that work, a click puts one into the composer.

import { byId, fill, h, icon, ICONS } from "../dom.js";

const HIDDEN = "sandbox.hints-hidden";

const SENTENCES = [
  ["remind me in 2 minutes to stretch", "a promise it keeps, also over a restart"],
  ["which channels are there?", "it looks, rather than guesses"],
  ["tell #ops that the deploy is done", "it acts where you may act"],
  ["what did Mia say about the migration?", "it remembers, with links to the message"],
];

export function renderHints(app) {
  const bot = app.botHere();
  const box = byId("hints");
  if (!bot || localStorage.getItem(HIDDEN)) {
    fill(box);
    return;
  }
  const direct = app.guildId === "@me";
  const row = ([sentence, why]) => {
    const text = direct ? sentence : `@${bot.username} ${sentence}`;
    return h("li", {}, h("button", { type: "button", title: why, onclick: () => app.composer.set(text) }, text));
  };
  const close = h("button", { type: "button", class: "icon-button small", "aria-label": "Hide these suggestions", onclick: () => (localStorage.setItem(HIDDEN, "yes"), fill(box)) }, icon(ICONS.close));
  fill(box, h("aside", { class: "hints", "aria-label": "Things to try" }, h("header", {}, h("strong", {}, "New here? Try one of these"), close), h("ul", {}, SENTENCES.map(row))));
}

export function showHints(app) {
  if (byId("hints").childElementCount) localStorage.setItem(HIDDEN, "yes");
  else localStorage.removeItem(HIDDEN);
  renderHints(app);
}
