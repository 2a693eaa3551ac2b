// The card for newcomers: sentences that work, a click puts one into the composer and takes it off the card.

import { byId, fill, h, icon, ICONS } from "../dom.js";

const HIDDEN = "sandbox.hints-hidden";
const TRIED = "sandbox.hints-tried";

const SENTENCES = [
  ["remind me in 2 minutes to stretch", "a promise it keeps, also over a restart"],
  ["which channels are there?", "it looks, rather than guesses"],
  ["tell #ops that the deploy is done", "it acts where you may act"],
  ["what did Mia say about the migration?", "it remembers, with links to the message"],
];

const tried = () => (localStorage.getItem(TRIED) ?? "").split("\n");

export function renderHints(app) {
  const bot = app.botHere();
  const box = byId("hints");
  const left = SENTENCES.filter(([sentence]) => !tried().includes(sentence));
  if (!bot || !left.length || localStorage.getItem(HIDDEN)) {
    fill(box);
    return;
  }
  const direct = app.guildId === "@me";
  const take = (sentence, text) => {
    localStorage.setItem(TRIED, [...tried(), sentence].join("\n"));
    app.composer.set(text);
    renderHints(app);
  };
  const row = ([sentence, why]) => {
    const text = direct ? sentence : `@${bot.username} ${sentence}`;
    return h("li", {}, h("button", { type: "button", title: why, onclick: () => take(sentence, text) }, text));
  };
  const hide = () => (localStorage.setItem(HIDDEN, "yes"), fill(box));
  const close = h("button", { type: "button", class: "icon-button small", "aria-label": "Hide these suggestions", onclick: hide }, icon(ICONS.close));
  const head = h("header", {}, h("strong", {}, "New here? Try one of these"), close);
  const who = h("p", {}, "It answers each person by their own rights. To be somebody else, click the name below the channels.");
  fill(box, h("aside", { class: "hints", "aria-label": "Things to try" }, head, h("ul", {}, left.map(row)), who));
}

export function showHints(app) {
  if (byId("hints").childElementCount) localStorage.setItem(HIDDEN, "yes");
  else for (const key of [HIDDEN, TRIED]) localStorage.removeItem(key);
  renderHints(app);
}
