// The portal's page: opens frames, tabs, the switch of who is logged in.
import { openFrame } from "./frame.js";
import { post } from "./portal.js";

const login = document.querySelector("#login-user");
login?.addEventListener("change", () => login.form.submit());

const data = document.querySelector("#frame-data");
const layout = document.querySelector("[data-frame]");
if (data && layout) openFrame(layout, JSON.parse(data.textContent), { mute: layout.dataset.mute });

const tabs = [...document.querySelectorAll("[role=tab]")];
for (const tab of tabs) {
  tab.addEventListener("click", () => select(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    next.focus();
    select(next);
  });
}

function select(chosen) {
  for (const tab of tabs) {
    const active = tab === chosen;
    tab.setAttribute("aria-selected", active);
    tab.tabIndex = active ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !active;
  }
  const box = document.querySelector(`#${chosen.getAttribute("aria-controls")} [data-handler]`);
  if (box && !box.childElementCount) openTab(box);
}

async function openTab(box) {
  const options = { ...JSON.parse(box.dataset.options), URI: location.pathname + location.search };
  const answer = await post("/_portal/frame", { handler: Number(box.dataset.handler), options });
  if (answer.ok) return openFrame(box, answer.data);
  box.textContent = answer.data.error ?? "The application could not be opened.";
}
