// Discord's markdown as a tree of plain values. Pure: no DOM in here, so it can be tried from node.

const MAX_DEPTH = 12;

/** → [{type, …}] with types paragraph, code, heading, subtext, quote, list and the inline ones below. */
export function parse(text, depth = 0) {
  const blocks = [];
  let rest = text;
  let plain = "";
  const flush = () => {
    const kept = plain.replace(/\n$/, "");
    if (kept) blocks.push({ type: "paragraph", children: parseInline(kept) });
    plain = "";
  };
  while (rest) {
    const found = depth < MAX_DEPTH ? takeBlock(rest, depth) : null;
    if (found) {
      flush();
      blocks.push(found.node);
      rest = rest.slice(found.length);
      continue;
    }
    const { line, fence } = takeLine(rest);
    plain += line;
    rest = rest.slice(line.length);
    if (fence) {
      flush();
      blocks.push(fence.node);
      rest = rest.slice(fence.length);
    }
  }
  flush();
  return blocks;
}

const FENCE = /^```(?:([\w+#.-]+)\n)?\n?([\s\S]*?)\n?```\n?/;

function takeFence(text) {
  const match = FENCE.exec(text);
  if (!match || !match[2].trim()) return null;
  return { node: { type: "code", language: match[1] ?? "", text: match[2] }, length: match[0].length };
}

/** One line, or the part of it before a code fence that really closes. */
function takeLine(text) {
  const end = text.indexOf("\n");
  const line = end < 0 ? text : text.slice(0, end + 1);
  const at = line.indexOf("```");
  const fence = at < 0 ? null : takeFence(text.slice(at));
  return fence ? { line: line.slice(0, at), fence } : { line, fence: null };
}

function takeBlock(text, depth) {
  const fence = text.startsWith("```") ? takeFence(text) : null;
  return fence ?? takeQuote(text, depth) ?? takeHeading(text) ?? takeList(text);
}

function takeQuote(text, depth) {
  if (text.startsWith(">>> ")) return { node: { type: "quote", children: parse(text.slice(4), depth + 1) }, length: text.length };
  const match = /^(?:> ?[^\n]*(?:\n|$))+/.exec(text);
  if (!match || !/^> /.test(text)) return null;
  const inner = match[0].replace(/^> ?/gm, "").replace(/\n$/, "");
  return { node: { type: "quote", children: parse(inner, depth + 1) }, length: match[0].length };
}

function takeHeading(text) {
  const match = /^(#{1,3}|-#) +([^\n]+)(?:\n|$)/.exec(text);
  if (!match) return null;
  const children = parseInline(match[2].trim());
  const node = match[1] === "-#" ? { type: "subtext", children } : { type: "heading", level: match[1].length, children };
  return { node, length: match[0].length };
}

const ITEM = /^([ \t]*)([-*]|\d{1,9}\.) +([^\n]+)(?:\n|$)/;

function takeList(text) {
  const items = [];
  let length = 0;
  for (let match = ITEM.exec(text); match; match = ITEM.exec(text.slice(length))) {
    items.push({ indent: match[1].replace(/\t/g, "  ").length, ordered: /\d/.test(match[2]), start: parseInt(match[2], 10) || 1, text: match[3] });
    length += match[0].length;
  }
  return items.length ? { node: nest(items), length } : null;
}

/** Items with a deeper indent become a list inside the item above them. */
function nest(items) {
  const list = { type: "list", ordered: items[0].ordered, start: items[0].start, items: [] };
  let at = 0;
  while (at < items.length) {
    let end = at + 1;
    while (end < items.length && items[end].indent > items[at].indent) end += 1;
    const children = parseInline(items[at].text);
    if (end > at + 1) children.push(nest(items.slice(at + 1, end)));
    list.items.push(children);
    at = end;
  }
  return list;
}

// --- inline: tried in this order at every character that could begin something ---

const RULES = [
  [/^\\([^\w\s])/, ([, char]) => ({ type: "text", text: char })],
  [/^(`+)(?!`)([\s\S]*?[^`])\1(?!`)/, ([, , text]) => ({ type: "inlineCode", text: text.trim() || text })],
  [/^<(https?:\/\/[^\s<>]+)>/, ([, url]) => ({ type: "link", url, children: [{ type: "text", text: url }] })],
  [/^<@!?(\d{1,20})>/, ([, id]) => ({ type: "user", id })],
  [/^<@&(\d{1,20})>/, ([, id]) => ({ type: "role", id })],
  [/^<#(\d{1,20})>/, ([, id]) => ({ type: "channel", id })],
  [/^<\/([^:>\n]{1,100}):(\d{1,20})>/, ([, name, id]) => ({ type: "command", name, id })],
  [/^<(a?):(\w{1,32}):(\d{1,20})>/, ([, animated, name, id]) => ({ type: "emoji", name, id, animated: Boolean(animated) })],
  [/^<t:(-?\d{1,14})(?::([tTdDfFRsS]))?>/, ([, unix, style]) => ({ type: "time", unix: Number(unix), style: style ?? "f" })],
  [/^@(everyone|here)\b/, ([, name]) => ({ type: "everyone", name })],
  [/^\[((?:\\.|[^[\]\\]|\[[^[\]]*\]){1,500})\]\(<?(https?:\/\/[^\s<>()]+(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?: "[^"\n]*")?\)/, maskedLink],
  [/^https?:\/\/[^\s<]+/, bareLink],
  [/^\|\|([\s\S]+?)\|\|/, wrap("spoiler")],
  [/^\*\*((?:\\.|[^\\])+?)\*\*(?!\*)/s, wrap("bold")],
  [/^__((?:\\.|[^\\])+?)__(?!_)/s, wrap("underline")],
  [/^~~([\s\S]+?)~~/, wrap("strike")],
  [/^\*(?![\s*])((?:\\.|\*\*[^*]+\*\*|[^*\\])+?)(?<!\s)\*(?!\*)/s, wrap("italic")],
  [/^_(?!_)((?:\\.|__[^_]+__|[^_\\])+?)_(?!\w)/s, wrap("italic")],
];
const STARTS = new Set("\\`<@[h|*_~");

export function parseInline(text, depth = 0) {
  const nodes = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    const found = depth < MAX_DEPTH && STARTS.has(text[at]) ? match(text, at, depth) : null;
    if (!found) {
      plain += text[at];
      at += 1;
      continue;
    }
    if (plain) nodes.push({ type: "text", text: plain });
    plain = "";
    nodes.push(found.node);
    at += found.length;
  }
  if (plain) nodes.push({ type: "text", text: plain });
  return nodes;
}

function match(text, at, depth) {
  const rest = text.slice(at);
  const wordBefore = at > 0 && /\w/.test(text[at - 1]);
  if (wordBefore && (rest[0] === "_" || rest[0] === "h")) return null;
  for (const [pattern, build] of RULES) {
    const hit = pattern.exec(rest);
    const node = hit && build(hit, depth);
    if (node) return { node, length: node.length ?? hit[0].length };
  }
  return null;
}

function wrap(type) {
  return ([, inner], depth) => ({ type, children: parseInline(inner, depth + 1) });
}

function maskedLink([, label, url], depth) {
  // A label that itself looks like an address could point elsewhere than it says.
  if (/https?:\/\//.test(label)) return null;
  return { type: "link", url, masked: true, children: parseInline(label, depth + 1) };
}

/** Punctuation at the end belongs to the sentence, a closing bracket only when it was opened in the address. */
function bareLink([whole]) {
  let url = whole;
  while (/[.,:;!?'"\]*_~|]$/.test(url) || (url.endsWith(")") && count(url, ")") > count(url, "("))) url = url.slice(0, -1);
  if (url.length <= "https://".length) return null;
  return { type: "link", url, children: [{ type: "text", text: url }], length: url.length };
}

function count(text, char) {
  return text.split(char).length - 1;
}
