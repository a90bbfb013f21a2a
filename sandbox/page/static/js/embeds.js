/** Embeds, galleries and attachments, as Discord draws them. */

import { h, icon } from "./dom.js";
import { openLightbox } from "./lightbox.js";
import { inline, markdown } from "./markdown.js";
import { link } from "./messagelinks.js";
import { viewKey } from "./store.js";

const GALLERY = 4;
const SPOILER_FLAG = 1 << 3;
const revealed = new Set();

/** Embeds that share a URL are one, with up to four pictures side by side. */
export function embeds(raw) {
  const merged = [];
  for (const one of raw) {
    const before = merged.at(-1);
    const joins =
      before && one.url && one.url === before.embed.url && one.image && before.images.length < GALLERY;
    if (joins) before.images.push(one.image);
    else merged.push({ embed: one, images: one.image ? [one.image] : [] });
  }
  return merged.map(({ embed, images }) => draw(embed, images));
}

function draw(embed, images) {
  const inside = h(
    "div",
    { class: "embed-text markdown" },
    embed.author?.name && h("p", { class: "embed-author" }, linked(embed.author.url, embed.author.name)),
    embed.title && h("p", { class: "embed-title" }, linked(embed.url, inline(embed.title))),
    embed.description && h("div", { class: "embed-description" }, markdown(embed.description)),
    embed.fields?.length ? h("div", { class: "embed-fields" }, embed.fields.map(field)) : null,
  );
  const element = h(
    "div",
    { class: "embed" },
    h(
      "div",
      { class: "embed-top" },
      inside,
      embed.thumbnail && h("div", { class: "embed-thumbnail" }, picture(embed.thumbnail, [embed.thumbnail])),
    ),
    gallery(images),
    embed.footer?.text &&
      h(
        "p",
        { class: "embed-footer" },
        embed.footer.text,
        embed.timestamp && ` • ${new Date(embed.timestamp).toLocaleString("en")}`,
      ),
  );
  if (embed.color) element.style.setProperty("--accent", `#${embed.color.toString(16).padStart(6, "0")}`);
  return element;
}

function linked(url, inside) {
  return url && /^https?:\/\//.test(url) ? link(url, inside) : inside;
}

function field(one) {
  return h(
    "div",
    { class: one.inline ? "field inline" : "field" },
    h("p", { class: "field-name" }, inline(one.name)),
    h("div", { class: "field-value" }, markdown(one.value)),
  );
}

export function gallery(images) {
  if (!images.length) return null;
  return h(
    "div",
    { class: `gallery of-${Math.min(images.length, 5)}` },
    images.map((one) => picture(one, images)),
  );
}

/** `media` has url, and where known width, height, description (its alt text, shown on hover) and spoiler. */
export function picture(media, all) {
  const key = `${viewKey()}: ${media.url?.split("?")[0]}`;
  return media.spoiler && !revealed.has(key) ? coveredPicture(media, all, key) : openPicture(media, all);
}

/** Neither the picture nor its description can be made out before somebody reveals it; then it stays open. */
function coveredPicture(media, all, key) {
  const reveal = () => {
    revealed.add(key);
    const shown = openPicture(media, all);
    cover.replaceWith(shown);
    shown.focus();
  };
  const cover = h(
    "button",
    { type: "button", class: "picture covered", "aria-label": "Spoiler: show the picture", data: { control: media.url }, onclick: reveal },
    h("img", { src: media.url, alt: "", width: media.width, height: media.height }),
    h("span", { class: "cover-word", "aria-hidden": "true" }, "SPOILER"),
  );
  return cover;
}

function openPicture(media, all) {
  const alt = media.description ?? "";
  if (!media.url?.startsWith("/attachments/"))
    return h("span", { class: "elsewhere" }, linked(media.url, alt || media.url || "a picture"));
  const image = h("img", {
    src: media.url,
    alt: alt || "a picture without a description",
    title: alt,
    width: media.width,
    height: media.height,
    loading: "lazy",
    decoding: "async",
  });
  return h(
    "button",
    {
      type: "button",
      class: "picture",
      "aria-haspopup": "dialog",
      data: { control: media.url },
      onclick: () => openLightbox(media, all),
    },
    image,
    alt && h("span", { class: "alt-badge", "aria-hidden": "true", title: alt }, "ALT"),
  );
}

export function attachments(files, message) {
  const inUse = JSON.stringify(message.components);
  const loose = files.filter((file) => !inUse.includes(file.url));
  const pictures = loose
    .filter((file) => file.content_type.startsWith("image/"))
    .map((file) => ({ ...file, spoiler: isSpoiler(file) }));
  const others = loose.filter((file) => !file.content_type.startsWith("image/"));
  return [gallery(pictures), ...others.map(fileCard)];
}

const isSpoiler = (file) => file.filename.startsWith("SPOILER_") || Boolean(file.flags & SPOILER_FLAG);

export function fileCard(file) {
  const size =
    file.size === undefined
      ? ""
      : file.size < 1000
        ? `${file.size} bytes`
        : `${Math.round(file.size / 1000)} kB`;
  const name = file.filename ?? decodeURIComponent(file.url.split("/").at(-1).split("?")[0]);
  return h(
    "div",
    { class: "file-card" },
    icon("file"),
    h("a", { href: file.url, download: name }, name),
    h("span", { class: "file-size" }, size),
  );
}
