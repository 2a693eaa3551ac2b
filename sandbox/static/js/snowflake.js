// Discord ids: 64-bit numbers as strings, their order is their time.

const EPOCH = 1420070400000n;

export function compareIds(a, b) {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

export function timeOfId(id) {
  return new Date(Number((BigInt(id) >> 22n) + EPOCH));
}

let sequence = 0n;

/** A fresh snowflake-shaped value, as clients use for `nonce`. */
export function makeNonce() {
  sequence = (sequence + 1n) & 0xfffn;
  return String(((BigInt(Date.now()) - EPOCH) << 22n) | sequence);
}
