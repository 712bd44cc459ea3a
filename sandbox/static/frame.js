// Frames, and the messages between them and the portal. As on a real portal, unknown and denied
// commands, other senders, setInstallFinish and canceled dialogs get no answer.
import { choose, accessRights } from "./dialogs.js";
import { closeTop, openPage, openSlider } from "./slider.js";
import { get, post } from "./portal.js";

const frames = new Map(); // APP_SID -> {iframe, box, data, appOrigin, slider, muted}

export function openFrame(box, data, { slider = null, mute = "" } = {}) {
  const iframe = document.createElement("iframe");
  // Set before insertion: otherwise the form below opens a new tab.
  iframe.name = data.name;
  iframe.title = data.title;
  iframe.allow = "geolocation *; microphone *; camera *; autoplay *;";
  const loading = document.createElement("div");
  loading.className = "loading";
  loading.textContent = "Loading…";
  iframe.addEventListener("load", () => loading.remove());
  const form = launchForm(data);
  box.replaceChildren(iframe, loading, form);
  const appOrigin = new URL(data.appUrl).origin; // the registered one, not that of the handler
  const muted = new Set(mute.split(",").filter(Boolean));
  const frame = { iframe, box, data, appOrigin, slider, muted, listeners: new Map() };
  frames.set(data.sid, frame);
  form.submit();
  form.remove();
  return frame;
}

function launchForm(data) {
  const form = document.createElement("form");
  form.method = "POST";
  form.action = data.url;
  form.target = data.name;
  form.hidden = true;
  for (const [name, value] of Object.entries(data.fields)) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    form.append(input);
  }
  return form;
}

window.addEventListener("message", (event) => {
  const message = parse(event.data);
  const frame = message && frames.get(message.sid);
  if (!frame || event.origin !== frame.appOrigin || event.source !== frame.iframe.contentWindow) return;
  const command = commands[message.command];
  if (!command || denied(frame, message.command) || frame.muted.has(message.command)) return;
  const reply = (value) => {
    if (!message.callback) return;
    const text = value === undefined ? "" : JSON.stringify(value);
    frame.iframe.contentWindow?.postMessage(`${message.callback}:${text}`, frame.appOrigin);
  };
  command(frame, message.params ?? {}, reply);
});

// `command:JSON:callback:sid`; the JSON may contain colons, or be missing.
function parse(data) {
  if (data && typeof data === "object" && data.method) {
    return { command: data.method, params: data.params, callback: data.callback, sid: data.appSid };
  }
  if (typeof data !== "string") return null;
  const parts = data.split(":");
  if (parts.length < 3) return null;
  const [sid, callback, command] = [parts.pop(), parts.pop(), parts.shift()];
  const json = parts.join(":");
  try {
    return { command, callback, sid, params: json ? JSON.parse(json) : {} };
  } catch {
    return { command, callback, sid, params: {} };
  }
}

function denied(frame, command) {
  if (command === "resizeWindow") return Boolean(frame.slider);
  if (command === "setTitle") return frame.data.placement !== "DEFAULT";
  if (command === "placementBindEvent") return frame.data.placement === "DEFAULT";
  return command === "reloadData" && frame.data.placement === "DEFAULT";
}

const commands = {
  getInitData(frame, params, reply) {
    reply(frame.data.init);
    frame.data.init = { ...frame.data.init, FIRST_RUN: false };
  },
  async setInstall(frame, params, reply) {
    await post("/_portal/first-run", {});
    reply(params);
  },
  async setInstallFinish(frame, params) {
    const answer = await post("/_portal/install", { value: params.value !== false });
    const target = new URL(location.href);
    target.searchParams.set("install_finished", answer.data.result ? "Y" : "N");
    location.href = target.href;
  },
  async refreshAuth(frame, params, reply) {
    const answer = await post("/_portal/auth", {});
    if (!answer.ok) return alert("Unable to get new token! Reload page, please!");
    frame.data.init = { ...frame.data.init, ...answer.data };
    reply(answer.data);
  },
  resizeWindow(frame, params, reply) {
    const width = params.width === "100%" ? "100%" : `${parseInt(params.width, 10) || 0}px`;
    frame.iframe.style.width = width;
    frame.iframe.style.height = frame.box.style.height = `${parseInt(params.height, 10) || 0}px`;
    reply({ width: frame.box.offsetWidth, height: frame.box.offsetHeight });
  },
  setTitle(frame, params, reply) {
    const title = document.querySelector("#pagetitle");
    if (title) title.textContent = params.title;
    reply(params);
  },
  setScroll(frame, params, reply) {
    if (!frame.slider) window.scrollTo(0, params.scroll);
    reply(params);
  },
  reloadWindow() {
    location.reload();
  },
  async setAppOption(frame, params, reply) {
    if (!frame.data.init.IS_ADMIN) return;
    const answer = await post("/_portal/option", { ...params, kind: "app" });
    frame.data.init = { ...frame.data.init, APP_OPTIONS: answer.data };
    reply(answer.data);
  },
  async setUserOption(frame, params, reply) {
    const answer = await post("/_portal/option", { ...params, kind: "user" });
    frame.data.init = { ...frame.data.init, USER_OPTIONS: answer.data };
    reply(params);
  },
  async openApplication(frame, params, reply) {
    const options = Object.fromEntries(Object.entries(params).filter(([key]) => !key.startsWith("bx24_")));
    const slider = openSlider(params.bx24_title ?? frame.data.title, params.bx24_width, () => reply());
    const answer = await post("/_portal/frame", {
      options: { ...options, IFRAME: "Y" },
      lang: frame.data.init.LANG,
    });
    if (!answer.ok) slider.content.textContent = answer.data.error;
    else slider.frame = openFrame(slider.content, answer.data, { slider });
  },
  closeApplication(frame, params, reply) {
    if (frame.slider && closeTop(frame.slider)) reply();
  },
  openPath(frame, params, reply) {
    const target = new URL(String(params.path), location.origin);
    if (!String(params.path).startsWith("/") || target.origin !== location.origin) {
      return reply({ result: "error", errorCode: "PATH_NOT_AVAILABLE" });
    }
    target.searchParams.set("IFRAME", "Y");
    target.searchParams.set("from", "rest_placement");
    openPage(target.href, () => reply({ result: "close" }));
  },
  selectUser(frame, params, reply) {
    const many = Boolean(params.mult);
    choose("Select users", (q) => get(`/_portal/choices?kinds=user&q=${q}`), many, (rows) =>
      reply(many ? rows : rows[0]));
  },
  selectCRM(frame, params, reply) {
    const kinds = (params.entityType ?? ["contact"]).join(",");
    const many = params.multiple === true || params.multiple === "Y";
    choose("Select from CRM", (q) => get(`/_portal/choices?kinds=${kinds}&q=${q}`), many, (rows) =>
      reply(Object.groupBy(rows, (row) => row.type)));
  },
  selectAccess(frame, params, reply) {
    choose("Select access", accessRights, true, reply);
  },
  getInterface(frame, params, reply) {
    reply({ command: frame.data.placement === "DEFAULT" ? [] : ["reloadData"], event: [] });
  },
  placementBindEvent(frame, params) {
    frame.listeners.set(params.event, true); // these placements have no events, and a portal does not answer
  },
  reloadData(frame, params, reply) {
    reply([]);
  },
};
