/** Speaks with the sandbox: hears what changed, sends what a person does. */

import { announce, state, uploadLimit } from "./store.js";

const AGAIN_AFTER = [300, 1000, 2000, 4000];
let socket = null;
let failures = 0;

export function connect() {
  socket = new WebSocket(`ws://${location.host}/feed`);
  socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  socket.addEventListener("open", () => {
    failures = 0;
    setOnline(true);
    if (state.person) look({});
  });
  socket.addEventListener("close", () => {
    setOnline(false);
    setTimeout(connect, AGAIN_AFTER[Math.min(failures++, AGAIN_AFTER.length - 1)]);
  });
}

function setOnline(online) {
  state.online = online;
  announce("online");
}

let drawer = "";

/** Look at a place as somebody; or open a drawer whose news shall come too. */
export function look(wish) {
  if ("person" in wish) Object.assign(state, { person: wish.person, channel: wish.channel });
  if ("drawer" in wish) drawer = wish.drawer;
  if (socket?.readyState !== WebSocket.OPEN) return;
  const place = "drawer" in wish ? {} : { person: state.person, channel: state.channel };
  socket.send(JSON.stringify({ ...place, ...("person" in wish ? {} : { drawer }) }));
}

function hear(update) {
  if (update.run) begin(update.run);
  for (const name of ["directory", "choices", "status", "commands", "newest"]) {
    if (name in update) {
      state[name] = update[name];
      announce(name);
    }
  }
  if (update.messages) hearMessages(update.messages);
  for (const name of ["traffic", "log"]) if (name in update) announce(name, update[name]);
}

let run = "";

/** Another run of the sandbox counts what it tells from one again. */
function begin(another) {
  if (run && run !== another) announce("restart");
  run = another;
}

function hearMessages(update) {
  if (update.person !== state.person || update.channel !== state.channel) return;
  if (update.reset) state.messages.clear();
  state.deletable = update.deletable;
  for (const message of update.changed) state.messages.set(message.id, message);
  for (const id of update.deleted) state.messages.delete(id);
  announce("messages", update);
}

export class Refused extends Error {}

/** Do something as the person here; throws Refused with Discord's (or the sandbox's) words. */
export async function act(name, body = {}) {
  const place = { person: state.person, channel: state.channel };
  let response;
  try {
    response = await fetch(`/actions/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...place, ...body }),
    });
  } catch {
    throw new Refused("The sandbox does not answer: is it still running?");
  }
  return answered(response);
}

/** What Discord's client says of files that it does not even send, or "". */
export function tooLarge(files) {
  const most = uploadLimit();
  if ([...files].every((file) => file.size <= most)) return "";
  return `Your files are too powerful. The maximum file size here is ${Math.floor(most / 2 ** 20)} MB.`;
}

export async function upload(file) {
  const response = await fetch("/uploads", {
    method: "POST",
    headers: { "X-File-Name": JSON.stringify(file.name).replace(/[^\x20-\x7e]/g, "_") },
    body: file,
  });
  return (await answered(response)).upload;
}

async function answered(response) {
  const said = await response.json().catch(() => ({ refused: `The sandbox answered ${response.status}` }));
  if (said.refused !== undefined) throw new Refused(said.refused);
  return said;
}
