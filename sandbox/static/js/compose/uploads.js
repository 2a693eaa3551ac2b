// Files waiting to be sent with the next message: by button, paste or drag.

import { byId, fill, h, icon, ICONS } from "../dom.js";
import { toast } from "../overlay.js";
import { byteSize } from "../render/embeds.js";

const MAX_FILES = 10;

export class Uploads {
  constructor(tray) {
    this.tray = tray;
    this.files = [];
    this.watchDrag(byId("app"));
  }

  add(files) {
    for (const file of files) {
      if (this.files.length >= MAX_FILES) {
        toast(`At most ${MAX_FILES} files fit into one message.`);
        break;
      }
      this.files.push(file);
    }
    this.render();
  }

  take() {
    const files = this.files;
    this.files = [];
    this.render();
    return files;
  }

  remove(file) {
    this.files = this.files.filter((other) => other !== file);
    this.render();
  }

  render() {
    for (const image of this.tray.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    this.tray.hidden = this.files.length === 0;
    fill(this.tray, this.files.map((file) => this.row(file)));
  }

  row(file) {
    const picture = file.type.startsWith("image/") ? h("img", { src: URL.createObjectURL(file), alt: "" }) : icon(ICONS.file);
    const drop = h("button", { type: "button", class: "icon-button small", "aria-label": `Remove ${file.name}`, onclick: () => this.remove(file) }, icon(ICONS.close));
    return h("li", {}, picture, h("span", { class: "channel-text" }, file.name), h("small", {}, byteSize(file.size)), drop);
  }

  watchDrag(area) {
    const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    area.addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      area.classList.add("dropping");
    });
    area.addEventListener("dragleave", (event) => {
      if (!area.contains(event.relatedTarget)) area.classList.remove("dropping");
    });
    area.addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      area.classList.remove("dropping");
      this.add(event.dataTransfer.files);
    });
  }
}
