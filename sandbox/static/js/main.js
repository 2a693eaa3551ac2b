// Starts the page: asks the server who there is, then connects.

import { App } from "./app.js";
import { byId } from "./dom.js";
import { showHints } from "./render/hints.js";
import { keepTimesTrue } from "./when.js";

const NARROW = matchMedia("(max-width: 760px)");
const MEMBERS = "sandbox.members";

async function getJson(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

function notice(text) {
  byId("notice").textContent = text ?? "";
  byId("notice").hidden = !text;
}

function setUpFrame(app) {
  const frame = byId("app");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  byId("toggle-theme").addEventListener("click", () => {
    const now = document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
    const next = now === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("sandbox.theme", next);
  });
  const drawer = (open) => {
    frame.classList.toggle("drawer-open", open);
  };
  const members = (open) => {
    frame.classList.toggle("members-open", open);
    byId("toggle-members").setAttribute("aria-expanded", String(open));
    if (!NARROW.matches) localStorage.setItem(MEMBERS, open ? "yes" : "no");
  };
  byId("open-drawer").addEventListener("click", () => drawer(true));
  byId("toggle-members").addEventListener("click", () => members(!frame.classList.contains("members-open")));
  members(!NARROW.matches && localStorage.getItem(MEMBERS) !== "no");
  byId("show-hints").addEventListener("click", () => showHints(app));
  const scrim = byId("scrim");
  const closeAll = () => {
    drawer(false);
    if (NARROW.matches) members(false);
  };
  scrim.addEventListener("click", closeAll);
  new MutationObserver(() => {
    scrim.hidden = !(NARROW.matches && (frame.classList.contains("drawer-open") || frame.classList.contains("members-open")));
  }).observe(frame, { attributeFilter: ["class"] });
  document.addEventListener("keydown", (event) => event.key === "Escape" && !scrim.hidden && closeAll());
}

async function main() {
  try {
    const [info, people] = await Promise.all([getJson("/sandbox/info"), getJson("/sandbox/people")]);
    notice(info.notice);
    const app = new App({ people: people.filter((person) => !person.bot && person.token), gatewayUrl: info.gateway, apiUrl: info.api });
    setUpFrame(app);
    keepTimesTrue();
    app.start();
  } catch (error) {
    notice(`The page could not start: ${error.message}`);
  }
}

main();
