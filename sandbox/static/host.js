// The portal's page: frames, tabs, and the choice of the logged-in user.
import { openFrame } from "./frame.js";
import { post } from "./portal.js";
import { openSlider } from "./slider.js";

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
  if (box && !box.childElementCount) openWidget(box, box.dataset, {});
}

for (const button of document.querySelectorAll("button[data-slider]")) {
  button.addEventListener("click", () => {
    const slider = openSlider(button.dataset.slider, 0, () => button.focus());
    openWidget(slider.content, button.dataset, { slider });
  });
}

async function openWidget(box, widget, extra) {
  const options = { ...JSON.parse(widget.options), URI: location.pathname + location.search };
  const lang = new URLSearchParams(location.search).get("lang");
  const answer = await post("/_portal/frame", { handler: Number(widget.handler), options, lang });
  if (answer.ok) return openFrame(box, answer.data, extra);
  box.textContent = answer.data.error ?? "The application could not be opened.";
}
