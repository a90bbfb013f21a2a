/** Discord's markdown as DOM nodes; nothing in it can become markup of its own. */

import { h } from "./dom.js";
import { link } from "./messagelinks.js";
import { timestamp } from "./timestamps.js";
import { channelNamed, emit, roleNamed, userNamed } from "./store.js";

const INLINE = [
  [/\\([^\sA-Za-z0-9])/y, (found) => found[1]],
  [/(`+)((?:[^`]|(?!\1)`)+)\1(?!`)/y, (found) => h("code", {}, found[2].replace(/^ (.+) $/, "$1"))],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, (found) => timestamp(Number(found[1]), found[2])],
  [/<@!?(\d+)>/y, (found) => mention(`@${userNamed(found[1])?.name ?? "unknown-user"}`)],
  [/<@&(\d+)>/y, (found) => mention(`@${(roleNamed(found[1])?.name ?? "unknown-role").replace(/^@/, "")}`)],
  [/<#(\d+)>/y, (found) => mention(`#${channelNamed(found[1])?.name ?? "unknown"}`)],
  [/<\/([^:>\n]+):\d+>/y, (found) => commandMention(found[1])],
  [/<a?:(\w+):\d+>/y, (found) => `:${found[1]}:`],
  [/@(everyone|here)\b/y, (found) => mention(found[0])],
  [
    /\[((?:\\.|[^\]\\\n])+)\]\(<?(https?:\/\/[^\s)>]+)>?(?: "[^"\n]*")?\)/y,
    (found) => link(found[2], inline(found[1])),
  ],
  [/<(https?:\/\/[^\s>]+)>/y, (found) => link(found[1], [found[1]])],
  [/https?:\/\/[^\s<]*[^\s<.,:;"')\]]/y, (found) => link(found[0], [found[0]])],
  [/\*\*\*((?:\\.|[^\\])+?)\*\*\*(?!\*)/y, (found) => h("strong", {}, h("em", {}, inline(found[1])))],
  [/\*\*((?:\\.|[^\\])+?)\*\*(?!\*)/y, (found) => h("strong", {}, inline(found[1]))],
  [/__((?:\\.|[^\\])+?)__(?!_)/y, (found) => h("u", {}, inline(found[1]))],
  [/\*(?!\s)((?:\\.|\*\*|[^\\*])+?)(?<!\s)\*(?!\*)/y, (found) => h("em", {}, inline(found[1]))],
  [/(?<!\w)_((?:\\.|__|[^\\_])+?)_(?!\w)/y, (found) => h("em", {}, inline(found[1]))],
  [/~~((?:\\.|[^\\])+?)~~/y, (found) => h("s", {}, inline(found[1]))],
  [/\|\|((?:\\.|[^\\])+?)\|\|/y, (found) => spoiler(inline(found[1]))],
  [/\n/y, () => h("br")],
];
const SPECIAL = /[\\`<@[*_~|\n]|https?:\/\//g;

export function inline(text) {
  const nodes = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    const [node, length] = ruleAt(text, at);
    if (node === null) {
      SPECIAL.lastIndex = at + 1;
      const next = SPECIAL.exec(text)?.index ?? text.length;
      plain += text.slice(at, next);
      at = next;
    } else if (typeof node === "string") {
      plain += node;
      at += length;
    } else {
      if (plain) nodes.push(plain);
      plain = "";
      nodes.push(node);
      at += length;
    }
  }
  return plain ? [...nodes, plain] : nodes;
}

function ruleAt(text, at) {
  for (const [pattern, make] of INLINE) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) return [make(found), found[0].length];
  }
  return [null, 0];
}

const mention = (text) => h("span", { class: "mention" }, text);

/** Emits "command" with {name}, as somebody clicks it to use it. */
const commandMention = (name) =>
  h("button", { type: "button", class: "mention", onclick: () => emit("command", { name }) }, `/${name}`);

function spoiler(inside) {
  const reveal = (event) => event.currentTarget.replaceWith(h("span", { class: "spoiler-open" }, inside));
  return h(
    "button",
    { type: "button", class: "spoiler", "aria-label": "Spoiler", onclick: reveal },
    h("span", { "aria-hidden": "true" }, "spoiler"),
  );
}

/** A whole text: code blocks, quotes, headings, lists, and lines. */
export function markdown(text) {
  return text
    .split(/(```(?:[\s\S]+?)```)/)
    .flatMap((part) => (/^```[\s\S]+```$/.test(part) ? codeBlock(part) : blocks(part)));
}

function codeBlock(part) {
  const body = part.slice(3, -3).replace(/^[a-z0-9+\-#]*\n/i, "");
  return h("pre", { tabindex: "0" }, h("code", {}, body.replace(/\n$/, "")));
}

function blocks(text) {
  const nodes = [];
  const lines = text.replace(/^\n|\n$/g, "").split("\n");
  if (lines.length === 1 && lines[0] === "") return nodes;
  while (lines.length) nodes.push(block(lines));
  return nodes;
}

function block(lines) {
  if (lines[0].startsWith(">>> ")) return h("blockquote", {}, blocks(lines.splice(0).join("\n").slice(4)));
  if (/^> ?/.test(lines[0]) && /^>( |$)/.test(lines[0])) {
    return h(
      "blockquote",
      {},
      blocks(
        taken(lines, /^>( |$)/)
          .map((line) => line.replace(/^> ?/, ""))
          .join("\n"),
      ),
    );
  }
  const heading = /^(#{1,3}) +(.+)/.exec(lines[0]);
  if (heading)
    return (
      lines.shift() &&
      h(
        "p",
        { class: `heading-${heading[1].length}`, role: "heading", "aria-level": heading[1].length + 2 },
        inline(heading[2]),
      )
    );
  if (/^-# +\S/.test(lines[0]))
    return h("p", { class: "subtext" }, inline(lines.shift().replace(/^-# +/, "")));
  if (/^ *[-*] +\S/.test(lines[0])) return list("ul", taken(lines, /^ *[-*] +\S/));
  if (/^ *\d{1,9}\. +\S/.test(lines[0])) return list("ol", taken(lines, /^ *\d{1,9}\. +\S/));
  return paragraph(lines);
}

function taken(lines, pattern) {
  const end = lines.findIndex((line) => !pattern.test(line));
  return lines.splice(0, end === -1 ? lines.length : end);
}

function list(tag, lines) {
  const start = /^ *(\d+)\./.exec(lines[0])?.[1];
  return h(
    tag,
    { start },
    lines.map((line) => h("li", {}, inline(line.replace(/^ *(?:[-*]|\d+\.) +/, "")))),
  );
}

const STARTS = /^(?:>>> |>( |$)|#{1,3} +\S|-# +\S| *[-*] +\S| *\d{1,9}\. +\S)/;

function paragraph(lines) {
  const more = lines.slice(1).findIndex((line) => STARTS.test(line));
  const own = lines.splice(0, more === -1 ? lines.length : more + 1);
  return h("p", {}, inline(own.join("\n")));
}
