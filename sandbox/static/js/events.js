// Gateway events, applied to the store. Each handler changes the state, then says what changed.

import { compareIds } from "./snowflake.js";

export function apply(store, type, data) {
  HANDLERS[type]?.(store, data);
}

function addGuild(store, data) {
  if (data.unavailable) return;
  const members = new Map();
  for (const member of data.members ?? []) addMember(store, members, member);
  store.guilds.set(data.id, {
    ...data,
    roles: new Map((data.roles ?? []).map((role) => [role.id, role])),
    members,
    emojis: data.emojis ?? [],
    voice: new Map((data.voice_states ?? []).map((state) => [state.user_id, state.channel_id])),
  });
  for (const channel of [...(data.channels ?? []), ...(data.threads ?? [])]) addChannel(store, { ...channel, guild_id: data.id });
}

function addMember(store, members, member) {
  const user = store.learnUser(member.user);
  members.set(user.id, { ...members.get(user.id), ...member, user });
}

function addChannel(store, channel) {
  for (const user of channel.recipients ?? []) store.learnUser(user);
  const known = store.channels.get(channel.id);
  store.channels.set(channel.id, { ...known, ...channel });
  if (!known && !store.read[channel.id] && channel.last_message_id) store.read[channel.id] = channel.last_message_id;
}

function removeChannel(store, { id }) {
  store.channels.delete(id);
  store.timelines.delete(id);
  store.emit("channels");
  store.emit("channel-gone", id);
}

function change(store, channel) {
  addChannel(store, channel);
  store.emit("channels");
  store.emit("channel", channel.id);
}

function ready(store, data) {
  store.reset();
  store.me = store.learnUser(data.user);
  store.sessionId = data.session_id;
  store.loadRead();
  for (const user of data.users ?? []) store.learnUser(user);
  for (const channel of data.private_channels ?? []) addChannel(store, channel);
  for (const guild of data.guilds ?? []) addGuild(store, guild);
  store.expected = (data.guilds ?? []).length;
  store.emit("ready");
}

function messageCreate(store, message) {
  learnPeople(store, message);
  const channel = store.channels.get(message.channel_id);
  const ephemeral = Boolean((message.flags ?? 0) & 64);
  if (channel && !ephemeral && compareIds(channel.last_message_id ?? "0", message.id) < 0) channel.last_message_id = message.id;
  stopTyping(store, message.channel_id, message.author.id);
  if (message.author.id === store.me.id && !ephemeral) store.markRead(message.channel_id, message.id);
  else if (pings(store, message)) store.mentions.set(message.channel_id, (store.mentions.get(message.channel_id) ?? 0) + 1);
  const timeline = store.timelines.get(message.channel_id);
  const shown = timeline?.loaded && !timeline.hasNewer;
  if (shown) store.emit(timeline.put(message) ? "message-add" : "message-update", message);
  store.emit("unread", message.channel_id);
  if (!channel) store.emit("unknown-channel", message.channel_id);
}

export function learnPeople(store, message) {
  if (message.webhook_id && !message.interaction_metadata && !message.application_id) return;
  store.learnUser(message.author);
  for (const user of message.mentions ?? []) store.learnUser(user);
  if (message.referenced_message) store.learnUser(message.referenced_message.author);
}

function pings(store, message) {
  if (message.author.id === store.me.id) return false;
  const mine = store.member(message.guild_id, store.me.id)?.roles ?? [];
  const role = (message.mention_roles ?? []).some((id) => mine.includes(id));
  return message.mention_everyone || role || (message.mentions ?? []).some((user) => user.id === store.me.id);
}

function messageUpdate(store, change) {
  const message = store.timelines.get(change.channel_id)?.patch(change.id, change);
  if (message) store.emit("message-update", message);
}

function messageDelete(store, { channel_id: channelId, id }) {
  const timeline = store.timelines.get(channelId);
  const at = timeline?.index(id) ?? -1;
  if (at < 0) return;
  timeline.remove(id);
  store.emit("message-remove", { channelId, id });
}

function react(store, data, step) {
  const timeline = store.timelines.get(data.channel_id);
  const message = timeline?.get(data.message_id);
  if (!message) return;
  const mine = data.user_id === store.me.id;
  const reactions = (message.reactions ?? []).map((reaction) => ({ ...reaction }));
  let entry = reactions.find((reaction) => sameEmoji(reaction.emoji, data.emoji));
  if (!entry) reactions.push((entry = { emoji: data.emoji, count: 0, me: false }));
  // Our own reaction seen twice (an event again after reconnecting) counts once.
  if (!mine || entry.me !== step > 0) entry.count += step;
  if (mine) entry.me = step > 0;
  setReactions(store, data, reactions.filter((reaction) => reaction.count > 0));
}

export function sameEmoji(a, b) {
  return a.id || b.id ? a.id === b.id : a.name === b.name;
}

function setReactions(store, data, reactions) {
  const message = store.timelines.get(data.channel_id)?.patch(data.message_id, { reactions });
  if (message) store.emit("message-update", message);
}

function dropEmoji(store, data) {
  const message = store.timelines.get(data.channel_id)?.get(data.message_id);
  if (message) setReactions(store, data, (message.reactions ?? []).filter((r) => !sameEmoji(r.emoji, data.emoji)));
}

function startTyping(store, { channel_id: channelId, user_id: userId, member }) {
  if (userId === store.me.id) return;
  if (member?.user) store.learnUser(member.user);
  if (!store.typing.has(channelId)) store.typing.set(channelId, new Map());
  const people = store.typing.get(channelId);
  clearTimeout(people.get(userId));
  people.set(userId, setTimeout(() => stopTyping(store, channelId, userId), 10_000));
  store.emit("typing", channelId);
}

function stopTyping(store, channelId, userId) {
  const people = store.typing.get(channelId);
  if (!people?.has(userId)) return;
  clearTimeout(people.get(userId));
  people.delete(userId);
  store.emit("typing", channelId);
}

function setMember(store, member) {
  const guild = store.guilds.get(member.guild_id);
  if (!guild) return;
  addMember(store, guild.members, member);
  peopleChanged(store, guild.id);
}

function peopleChanged(store, guildId) {
  store.emit("members", guildId);
  store.emit("channels");
}

function setRole(store, { guild_id: guildId, role }) {
  store.guilds.get(guildId)?.roles.set(role.id, role);
  peopleChanged(store, guildId);
}

function updateGuild(store, data) {
  const guild = store.guilds.get(data.id);
  if (!guild) return;
  Object.assign(guild, { name: data.name, icon: data.icon, owner_id: data.owner_id });
  store.emit("guilds");
}

const HANDLERS = {
  READY: ready,
  RESUMED: (store) => store.emit("resumed"),
  GUILD_CREATE(store, data) {
    addGuild(store, data);
    store.emit("guilds", data.id);
  },
  GUILD_UPDATE: updateGuild,
  GUILD_DELETE(store, { id, unavailable }) {
    if (unavailable) return;
    store.guilds.delete(id);
    for (const channel of store.channelsOf(id)) store.channels.delete(channel.id);
    store.emit("guilds", id);
  },
  CHANNEL_CREATE: change,
  CHANNEL_UPDATE: change,
  CHANNEL_DELETE: removeChannel,
  THREAD_CREATE: change,
  THREAD_UPDATE: change,
  THREAD_DELETE: removeChannel,
  THREAD_LIST_SYNC(store, { threads }) {
    for (const thread of threads ?? []) addChannel(store, thread);
    store.emit("channels");
  },
  MESSAGE_CREATE: messageCreate,
  MESSAGE_UPDATE: messageUpdate,
  MESSAGE_DELETE: messageDelete,
  MESSAGE_DELETE_BULK: (store, { ids, channel_id }) => ids.forEach((id) => messageDelete(store, { id, channel_id })),
  MESSAGE_REACTION_ADD: (store, data) => react(store, data, 1),
  MESSAGE_REACTION_REMOVE: (store, data) => react(store, data, -1),
  MESSAGE_REACTION_REMOVE_ALL: (store, data) => setReactions(store, data, []),
  MESSAGE_REACTION_REMOVE_EMOJI: dropEmoji,
  TYPING_START: startTyping,
  GUILD_MEMBER_ADD: setMember,
  GUILD_MEMBER_UPDATE: setMember,
  GUILD_MEMBER_REMOVE(store, { guild_id: guildId, user }) {
    store.guilds.get(guildId)?.members.delete(user.id);
    peopleChanged(store, guildId);
  },
  GUILD_MEMBERS_CHUNK(store, { guild_id: guildId, members }) {
    const guild = store.guilds.get(guildId);
    if (!guild) return;
    for (const member of members) addMember(store, guild.members, member);
    peopleChanged(store, guildId);
  },
  GUILD_ROLE_CREATE: setRole,
  GUILD_ROLE_UPDATE: setRole,
  GUILD_ROLE_DELETE(store, { guild_id: guildId, role_id: roleId }) {
    store.guilds.get(guildId)?.roles.delete(roleId);
    peopleChanged(store, guildId);
  },
  VOICE_STATE_UPDATE(store, { guild_id: guildId, user_id: userId, channel_id: channelId }) {
    const voice = store.guilds.get(guildId)?.voice;
    if (channelId) voice?.set(userId, channelId);
    else voice?.delete(userId);
    store.emit("channels");
  },
  USER_UPDATE: (store, user) => store.learnUser(user),
};

