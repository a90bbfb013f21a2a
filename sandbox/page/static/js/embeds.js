/** Embeds, galleries and attachments, as Discord draws them. */

import { h, icon } from "./dom.js";
import { openLightbox } from "./lightbox.js";
import { inline, markdown } from "./markdown.js";

const GALLERY = 4;

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
  return url && /^https?:\/\//.test(url)
    ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, inside)
    : inside;
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

/** `media` has url, and where known width, height and description (its alt text, shown on hover). */
export function picture(media, all) {
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
  );
}

export function attachments(files, message) {
  const inUse = JSON.stringify(message.components);
  const loose = files.filter((file) => !inUse.includes(file.url));
  const pictures = loose.filter((file) => file.content_type.startsWith("image/"));
  const others = loose.filter((file) => !file.content_type.startsWith("image/"));
  return [gallery(pictures), ...others.map(fileCard)];
}

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
