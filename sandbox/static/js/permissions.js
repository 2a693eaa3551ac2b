// What the chosen person may see and do, computed as Discord does. Only for showing: the server decides again.

export const RIGHTS = {
  administrator: 1n << 3n,
  manageChannels: 1n << 4n,
  addReactions: 1n << 6n,
  viewChannel: 1n << 10n,
  sendMessages: 1n << 11n,
  manageMessages: 1n << 13n,
  attachFiles: 1n << 15n,
  readHistory: 1n << 16n,
  connect: 1n << 20n,
  manageThreads: 1n << 34n,
  createPublicThreads: 1n << 35n,
  sendInThreads: 1n << 38n,
};

const EVERYTHING = (1n << 60n) - 1n;
export const PRIVATE_THREAD = 12;

export function isThread(channel) {
  return channel.type === 10 || channel.type === 11 || channel.type === 12;
}

export function basePermissions(guild, userId) {
  if (guild.owner_id === userId) return EVERYTHING;
  let allowed = BigInt(guild.roles.get(guild.id)?.permissions ?? 0);
  for (const id of guild.members.get(userId)?.roles ?? []) allowed |= BigInt(guild.roles.get(id)?.permissions ?? 0);
  return allowed & RIGHTS.administrator ? EVERYTHING : allowed;
}

export function permissionsIn(store, channel, userId = store.me?.id) {
  const guild = store.guilds.get(channel.guild_id);
  if (!guild) return EVERYTHING; // a direct message
  const source = isThread(channel) ? store.channels.get(channel.parent_id) ?? channel : channel;
  let allowed = basePermissions(guild, userId);
  if (allowed === EVERYTHING) return allowed;
  const overwrites = source.permission_overwrites ?? [];
  const mine = new Set(guild.members.get(userId)?.roles ?? []);
  const layers = [
    overwrites.filter((o) => o.id === guild.id),
    overwrites.filter((o) => Number(o.type) === 0 && mine.has(o.id)),
    overwrites.filter((o) => Number(o.type) === 1 && o.id === userId),
  ];
  for (const layer of layers) {
    const deny = layer.reduce((bits, o) => bits | BigInt(o.deny), 0n);
    const allow = layer.reduce((bits, o) => bits | BigInt(o.allow), 0n);
    allowed = (allowed & ~deny) | allow;
  }
  return allowed & RIGHTS.viewChannel ? allowed : 0n;
}

export function may(store, channel, right) {
  return (permissionsIn(store, channel) & right) === right;
}

export function maySend(store, channel) {
  return may(store, channel, isThread(channel) ? RIGHTS.sendInThreads : RIGHTS.sendMessages);
}

/** Private: @everyone of the server does not see it. */
export function isPrivate(store, channel) {
  if (channel.type === PRIVATE_THREAD) return true;
  const guild = store.guilds.get(channel.guild_id);
  if (!guild) return false;
  const everyone = BigInt(guild.roles.get(guild.id)?.permissions ?? 0);
  const overwrite = (channel.permission_overwrites ?? []).find((o) => o.id === guild.id);
  const bits = (everyone & ~BigInt(overwrite?.deny ?? 0)) | BigInt(overwrite?.allow ?? 0);
  return (bits & RIGHTS.viewChannel) === 0n;
}
