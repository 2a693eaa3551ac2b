// Building DOM nodes. Text only ever becomes text nodes: there is no way from a string to markup in this page.

/** h("button", {class: "x", onclick: f, dataset: {id}}, "text", node, [more]) */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name === "style") for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "selected") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter(isShown));
  return element;
}

function isShown(child) {
  return child !== null && child !== undefined && child !== false;
}

export function byId(id) {
  return document.getElementById(id);
}

export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(isShown));
}

const SVG = "http://www.w3.org/2000/svg";

/** A small icon drawn from path data of our own. */
export function icon(path, label) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

export const ICONS = {
  lock: "M7 10V7a5 5 0 0 1 10 0v3h1a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1zm2 0h6V7a3 3 0 0 0-6 0z",
  voice: "M4 9v6h4l5 5V4L8 9zm12-1a5 5 0 0 1 0 8zm0-5a10 10 0 0 1 0 18v-2.500a7.5 7.5 0 0 0 0-13z",
  announcement: "M3 9v6h3l9 5V4L6 9zm15-1v8a4 4 0 0 0 0-8zM6 17v4h3v-3z",
  forum: "M4 4h16v11H9l-5 4zm3 3v2h10V7zm0 4v2h7v-2z",
  chat: "M4 4h16a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H10l-6 5v-5H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1z",
  thread: "M5 4v9a3 3 0 0 0 3 3h7v4l5-5-5-5v4H8a1 1 0 0 1-1-1V4z",
  reply: "M10 5v4c7 0 10 4 11 10-3-4-6-5-11-5v4L3 11.500z",
  more: "M5 10a2 2 0 1 1 0 4 2 2 0 0 1 0-4zm7 0a2 2 0 1 1 0 4 2 2 0 0 1 0-4zm7 0a2 2 0 1 1 0 4 2 2 0 0 1 0-4z",
  react: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm-3.5 6a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3zm7 0a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3zM7 14h10a5 5 0 0 1-10 0z",
  edit: "M4 20v-4L16 4l4 4L8 20zM14 6l4 4",
  file: "M6 2h8l5 5v15H6zm7 1.500V8h4.500z",
  plus: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm1 5v4h4v2h-4v4h-2v-4H7v-2h4V7z",
  close: "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.600L6.4 19 5 17.6 10.6 12 5 6.400z",
  send: "M3 20V4l19 8zm2-3 11.9-5L5 7v3.500l6 1.5-6 1.500z",
};

const AVATAR_HUES = [225, 260, 330, 0, 28, 150, 185, 205];

/** A round avatar of initials; its colour follows the id, so that a person always looks the same. */
export function avatar(name, id, extra = "") {
  const words = (name || "?").trim().split(/[\s_.-]+/u).filter(Boolean);
  const initials = words.length > 1 ? first(words[0]) + first(words[1]) : first(words[0] ?? "?");
  const hue = AVATAR_HUES[[...String(id)].reduce((sum, digit) => (sum * 31 + digit.charCodeAt(0)) % 9973, 7) % AVATAR_HUES.length];
  return h("span", { class: `avatar ${extra}`, style: { "--hue": String(hue) }, "aria-hidden": "true" }, initials.toUpperCase());
}

function first(word) {
  return [...word][0] ?? "";
}

export function onEnterOrClick(element, action) {
  element.addEventListener("click", action);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    action(event);
  });
  return element;
}
