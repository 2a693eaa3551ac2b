// The loaded stretch of one channel's messages, ordered by id.

import { compareIds } from "./snowflake.js";

export class Timeline {
  constructor() {
    this.clear();
  }

  clear() {
    this.messages = [];
    this.loaded = false;
    this.hasOlder = true;
    this.hasNewer = false;
  }

  get newest() {
    return this.messages[this.messages.length - 1];
  }

  index(id) {
    return this.messages.findIndex((message) => message.id === id);
  }

  get(id) {
    return this.messages[this.index(id)];
  }

  /** Inserts in order; a message that is already there is replaced. Returns whether it was new. */
  put(message) {
    let at = this.messages.length;
    while (at > 0 && compareIds(this.messages[at - 1].id, message.id) >= 0) at -= 1;
    if (this.messages[at]?.id === message.id) {
      this.messages[at] = { ...this.messages[at], ...message };
      return false;
    }
    this.messages.splice(at, 0, message);
    return true;
  }

  /** An update may carry only some fields. */
  patch(id, change) {
    const at = this.index(id);
    if (at < 0) return undefined;
    this.messages[at] = { ...this.messages[at], ...change };
    return this.messages[at];
  }

  remove(id) {
    const at = this.index(id);
    if (at < 0) return undefined;
    return this.messages.splice(at, 1)[0];
  }
}
