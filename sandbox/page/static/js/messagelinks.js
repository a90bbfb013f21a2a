/** Links to messages: they lead to the message on this page, as they do in Discord's client. */

import { h } from "./dom.js";
import { channelNamed, emit, server } from "./store.js";

const LINK = /^https:\/\/discord\.com\/channels\/(@me|\d+)\/(\d+)\/(\d+)$/;

export const messageLink = (message) =>
  `https://discord.com/channels/${server()?.id ?? "@me"}/${message.channel_id}/${message.id}`;

/** Emits "jump" with {channel, message} where it leads to a message; one that was written out is named by its channel. */
export function link(url, inside, props = {}) {
  const found = LINK.exec(url);
  if (!found) return h("a", { href: url, target: "_blank", rel: "noopener noreferrer", ...props }, inside);
  const [, , channel, message] = found;
  const onclick = (event) => {
    event.preventDefault();
    emit("jump", { channel, message });
  };
  const shown = inside?.length === 1 && inside[0] === url ? `#${channelNamed(channel)?.name ?? "message"} › message` : inside;
  return h("a", { href: url, onclick, ...props }, shown);
}
