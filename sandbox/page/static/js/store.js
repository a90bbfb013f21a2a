/** The page's state and its events: written by the connection, read by everything that draws. */

const listeners = new Map();

export const state = {
  directory: null,
  choices: null,
  person: null,
  channel: null,
  messages: new Map(),
  commands: [],
  deletable: false,
  newest: {},
  status: null,
  online: false,
  read: {},
  hidden: new Set(),
};

export function on(names, listener) {
  for (const name of [names].flat()) listeners.set(name, [...(listeners.get(name) ?? []), listener]);
}

export function emit(name, detail) {
  for (const listener of listeners.get(name) ?? []) listener(detail);
}

/** Identifies whose view of which channel is shown. */
export const viewKey = () => `${state.person} in ${state.channel}`;
export const people = () => state.directory?.people ?? [];
export const person = () => people().find((one) => one.id === state.person);
export const servers = () => state.directory?.servers ?? [];
const serverOf = (channelId) =>
  servers().find((server) => server.channels.some((one) => one.id === channelId));
export const server = () => serverOf(state.channel);
export const isDirect = () => !server();

/** Bytes that a file may have here. */
export const uploadLimit = () => server()?.upload_limit ?? 10 * 1024 * 1024;

/** The direct messages of the person, as channels that are named by whom they are with. */
export const directs = () => person()?.directs.map((one) => ({ ...one, name: one.with.name, direct: true })) ?? [];

export function channel() {
  const places = server()?.channels ?? directs();
  return places.find((one) => one.id === state.channel) ?? { id: state.channel, name: state.directory?.bot.name };
}

export function channelNamed(id) {
  return servers()
    .flatMap((one) => one.channels)
    .concat(directs())
    .find((one) => one.id === id);
}

export function userNamed(id) {
  const members = servers().flatMap((one) => one.members);
  return [state.directory.bot, ...people(), ...members].find((one) => one.id === id);
}

export function roleNamed(id) {
  return servers()
    .flatMap((one) => one.roles)
    .find((one) => one.id === id);
}

export function rankOf(userId) {
  return people().find((one) => one.id === userId)?.servers[server()?.id]?.rank ?? "";
}

/** Everything a member, role or channel picker can offer to this person in this place. */
export function pickable(kind, types = []) {
  const here = server();
  const users = (here ? here.members : [person(), state.directory.bot]).map((one) => ({
    ...one,
    kind: "user",
  }));
  const roles = (here?.roles ?? []).map((one) => ({ ...one, kind: "role" }));
  const channels = (here?.channels ?? [])
    .filter((one) => person().sees.includes(one.id) && (!types.length || types.includes(one.type)))
    .map((one) => ({ ...one, kind: "channel" }));
  return { user: users, role: roles, mentionable: [...users, ...roles], channel: channels }[kind];
}
