/** The connection to the sandbox: receives updates, sends actions. */

import { emit, state, uploadLimit } from "./store.js";

const AGAIN_AFTER = [300, 1000, 2000, 4000];
let socket = null;
let failures = 0;

export function connect() {
  socket = new WebSocket(`ws://${location.host}/feed`);
  socket.addEventListener("message", (event) => receive(JSON.parse(event.data)));
  socket.addEventListener("open", () => {
    failures = 0;
    setOnline(true);
    if (state.person) selectView({});
  });
  socket.addEventListener("close", () => {
    setOnline(false);
    setTimeout(connect, AGAIN_AFTER[Math.min(failures++, AGAIN_AFTER.length - 1)]);
  });
}

function setOnline(online) {
  state.online = online;
  emit("online");
}

let drawer = "";

/** Select {person, channel}, or {drawer}: updates are sent for these alone. */
export function selectView(view) {
  if ("person" in view) Object.assign(state, { person: view.person, channel: view.channel });
  if ("drawer" in view) drawer = view.drawer;
  if (socket?.readyState !== WebSocket.OPEN) return;
  const place = "drawer" in view ? {} : { person: state.person, channel: state.channel };
  socket.send(JSON.stringify({ ...place, ...("person" in view ? {} : { drawer }) }));
}

function receive(update) {
  if (update.run) checkRun(update.run);
  for (const name of ["directory", "choices", "status", "commands", "newest"]) {
    if (name in update) {
      state[name] = update[name];
      emit(name);
    }
  }
  if (update.messages) receiveMessages(update.messages);
  for (const name of ["traffic", "log"]) if (name in update) emit(name, update[name]);
}

let run = "";

/** Another run of the sandbox numbers its updates from one again. */
function checkRun(id) {
  if (run && run !== id) emit("restart");
  run = id;
}

function receiveMessages(update) {
  if (update.person !== state.person || update.channel !== state.channel) return;
  if (update.reset) state.messages.clear();
  state.deletable = update.deletable;
  for (const message of update.changed) state.messages.set(message.id, message);
  for (const id of update.deleted) state.messages.delete(id);
  emit("messages", update);
}

export class Refused extends Error {}

/** Send an action of the current person; throws Refused with Discord's or the sandbox's message. */
export async function sendAction(name, body = {}) {
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
  return parseResponse(response);
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
  return (await parseResponse(response)).upload;
}

async function parseResponse(response) {
  const said = await response.json().catch(() => ({ refused: `The sandbox answered ${response.status}` }));
  if (said.refused !== undefined) throw new Refused(said.refused);
  return said;
}
