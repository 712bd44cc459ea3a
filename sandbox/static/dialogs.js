// The portal's selection dialogs. A canceled dialog sends no answer, as on a real portal.
export function choose(title, load, many, done) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", title);
  dialog.innerHTML = `<form method="dialog"><h2></h2><input type="search" aria-label="Find">
    <ul></ul><div class="bar"><button value="ok" class="primary">Select</button>
    <button value="cancel" formnovalidate>Cancel</button></div></form>`;
  dialog.querySelector("h2").textContent = title;
  const [list, search] = [dialog.querySelector("ul"), dialog.querySelector("input")];
  const chosen = new Map();
  const show = async () => {
    const wanted = search.value;
    const rows = await load(encodeURIComponent(wanted));
    if (wanted !== search.value) return; // the search text has changed since
    list.replaceChildren(...rows.map((row) => option(row, many, chosen)));
  };
  search.addEventListener("input", show);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue === "ok" && chosen.size) done([...chosen.values()]);
  });
  document.body.append(dialog);
  dialog.showModal();
  show();
}

function option(row, many, chosen) {
  const item = document.createElement("li");
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = many ? "checkbox" : "radio";
  input.name = "choice";
  input.checked = chosen.has(row.id);
  input.addEventListener("change", () => {
    if (!many) chosen.clear();
    if (input.checked) chosen.set(row.id, row);
    else chosen.delete(row.id);
  });
  label.append(input, ` ${row.title ?? row.name} ${row.desc ?? ""}`);
  item.append(label);
  return item;
}

export async function accessRights() {
  return [
    { id: "AU", name: "All authorised users" },
    { id: "U1", name: "Administrator" },
    { id: "U2", name: "Front desk" },
  ];
}
