// A forum channel: its posts, which are threads.

import { byId, h } from "../dom.js";
import { orToast } from "../overlay.js";
import { stamp } from "../when.js";
import { timeOfId } from "../snowflake.js";

export async function renderForum(app, channel) {
  const { store } = app;
  await orToast(async () => {
    const answer = await app.rest.get(`/guilds/${channel.guild_id}/threads/active`);
    for (const thread of answer.threads ?? []) store.channels.set(thread.id, { ...store.channels.get(thread.id), guild_id: channel.guild_id, ...thread });
  });
  if (app.channelId !== channel.id) return;
  app.column.empty("");
  const posts = store.threadsOf(channel.id).map((thread) =>
    h("li", {}, h("button", { type: "button", class: "post", onclick: () => app.open(thread.id) }, h("strong", {}, thread.name), h("small", {}, `${thread.message_count ?? 0} messages · ${stamp(timeOfId(thread.last_message_id ?? thread.id))}`))),
  );
  byId("messages").replaceChildren(h("li", { class: "beginning" }, h("strong", {}, channel.name), h("p", {}, channel.topic ?? "")), ...(posts.length ? posts : [h("li", { class: "older" }, "No posts yet.")]));
}
