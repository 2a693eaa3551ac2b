// A small set of emoji by name, for the picker and for :name: in the composer.

const GROUPS = {
  Often: "👍 +1,👎 -1,❤️ heart,😂 joy,🎉 tada,👀 eyes,🙏 pray,🔥 fire,✅ white_check_mark,❌ x,🚀 rocket,💯 100,👏 clap,🙌 raised_hands,💡 bulb,⏰ alarm_clock",
  Faces: "😀 grinning,😄 smile,😅 sweat_smile,🤣 rofl,🙂 slight_smile,😉 wink,😊 blush,😍 heart_eyes,😎 sunglasses,🤔 thinking,😐 neutral_face,🙄 rolling_eyes,😴 sleeping,😬 grimacing,😢 cry,😭 sob,😡 rage,🤯 exploding_head,🥳 partying_face,😱 scream,🤷 shrug,🤦 facepalm,🫡 saluting_face,🤖 robot",
  Hands: "👋 wave,👌 ok_hand,✌️ v,🤞 crossed_fingers,🤝 handshake,💪 muscle,☝️ point_up,👉 point_right,✋ raised_hand",
  Things: "☕ coffee,🍕 pizza,🍜 ramen,🥗 salad,🍰 cake,🍺 beer,📚 books,📎 paperclip,📌 pushpin,📅 date,📈 chart_up,🐛 bug,🔧 wrench,🔒 lock,🔔 bell,💻 computer,📝 memo,🧪 test_tube,🗑️ wastebasket,⚠️ warning,❓ question,❗ exclamation",
  Nature: "☀️ sunny,🌧️ cloud_rain,⭐ star,🌱 seedling,🌊 ocean,🐈 cat,🐕 dog,🦀 crab,🐍 snake,🐘 elephant",
};

export const EMOJI_GROUPS = Object.entries(GROUPS).map(([title, list]) => ({
  title,
  emoji: list.split(",").map((entry) => {
    const [char, name] = entry.split(" ");
    return { char, name };
  }),
}));

export const ALL_EMOJI = EMOJI_GROUPS.flatMap((group) => group.emoji);
export const EMOJI_BY_NAME = new Map([...ALL_EMOJI.map(({ char, name }) => [name, char]), ["thumbsup", "👍"], ["thumbsdown", "👎"]]);

const ONLY_EMOJI = /^(?:\s|\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|‍|️|<a?:\w+:\d+>)+$/u;

/** A message of nothing but a few emoji is shown large. */
export function isOnlyEmoji(text) {
  if (!text.trim() || text.length > 200 || !ONLY_EMOJI.test(text)) return false;
  return [...text.matchAll(/\p{Extended_Pictographic}|<a?:\w+:\d+>/gu)].length <= 27;
}

/** How the REST routes name an emoji. */
export function emojiPath(emoji) {
  return encodeURIComponent(emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name);
}
