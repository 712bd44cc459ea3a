// Sliders: panels over the page, the last one on top.
const stack = [];

export function openSlider(title, width, onClose) {
  const shade = document.createElement("div");
  shade.className = "slider";
  shade.setAttribute("role", "dialog");
  shade.setAttribute("aria-label", title);
  const panel = document.createElement("div");
  if (width) panel.style.width = `min(${parseInt(width, 10)}px, 94vw)`;
  const close = document.createElement("button");
  close.textContent = "Close";
  const head = document.createElement("p");
  head.append(close, ` ${title}`);
  const content = document.createElement("div");
  content.className = "appframe";
  panel.append(head, content);
  shade.append(panel);
  document.body.append(shade);
  const slider = { shade, panel, content, onClose, frame: null };
  stack.push(slider);
  close.addEventListener("click", () => remove(slider));
  close.focus();
  return slider;
}

export function openPage(address, onClose) {
  const slider = openSlider("", 0, onClose);
  const page = document.createElement("iframe");
  page.className = "page";
  page.title = "Portal page";
  page.src = address;
  slider.content.replaceWith(page);
  return slider;
}

// An application can close its slider only if it is on top.
export function closeTop(slider) {
  if (stack.at(-1) !== slider) return false;
  remove(slider);
  return true;
}

function remove(slider) {
  stack.splice(stack.indexOf(slider), 1);
  slider.shade.remove();
  slider.onClose();
}
