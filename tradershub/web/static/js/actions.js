// Small comforts of forms, dialogs and keys. Everything here also works without it, one press longer.
const root = document.documentElement;
const stored = (name) => localStorage.getItem(`th-${name}`) ?? "";
function choose(name, value) {
  if (value) localStorage.setItem(`th-${name}`, value);
  else localStorage.removeItem(`th-${name}`);
  if (name === "zone") root.dataset.zone = value;
  dispatchEvent(new Event("th-choice"));
}

class Copy extends HTMLElement {
  connectedCallback() {
    if (this.firstElementChild) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "th-tool";
    button.append("Copy");
    const what = document.createElement("span");
    what.className = "th-sr";
    what.textContent = ` ${this.getAttribute("what")}`;
    button.append(what);
    button.addEventListener("click", () => this.copy(button.firstChild));
    const said = document.createElement("span");
    said.className = "th-sr";
    said.role = "status";
    this.append(button, said);
  }
  async copy(label) {
    const text = this.previousElementSibling;
    try {
      await navigator.clipboard.writeText(text.textContent);
      label.textContent = "Copied";
    } catch {
      // No clipboard without TLS away from loopback: select it, so that a key copies it.
      getSelection().selectAllChildren(text);
      label.textContent = "Selected";
    }
    this.lastElementChild.textContent = label.textContent;
    setTimeout(() => {
      label.textContent = "Copy";
    }, 2000);
  }
}
customElements.define("th-copy", Copy);

function ready() {
  for (const element of document.querySelectorAll("[data-dismiss], [data-add-route], [data-theme-toggle], button[data-open]")) {
    element.hidden = false;
  }
  for (const button of document.querySelectorAll("[data-fallback]")) button.hidden = true;
  for (const select of document.querySelectorAll("[data-pref]")) select.value = stored(select.dataset.pref);
  for (const flash of document.querySelectorAll('#flashes > [data-kind="success"]')) setTimeout(() => flash.remove(), 4000);
}

function show(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  dialog.showModal();
}
function dismiss(dialog) {
  dialog.close();
  if (location.hash === `#${dialog.id}`) history.replaceState(history.state, "", location.pathname + location.search);
}

function addRoute() {
  const routes = document.querySelector("[data-routes]");
  const last = routes.lastElementChild;
  const next = last.cloneNode(true);
  const from = Number(last.querySelector("[name]").name.split("-")[1]);
  for (const element of next.querySelectorAll("*")) {
    for (const name of ["id", "name", "for", "aria-describedby"]) {
      const value = element.getAttribute(name);
      if (value) element.setAttribute(name, value.replace(`routes-${from}-`, `routes-${from + 1}-`));
    }
  }
  routes.append(next);
  next.querySelector("select").value = "";
  next.querySelector("select").focus();
}

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-open], [data-close], [data-dismiss], [data-theme-toggle], [data-add-route]");
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if ("open" in target.dataset) {
    event.preventDefault();
    show(target.dataset.open);
  } else if ("close" in target.dataset) {
    event.preventDefault();
    dismiss(target.closest("dialog"));
  } else if ("dismiss" in target.dataset) target.closest(".th-flash").remove();
  else if ("addRoute" in target.dataset) addRoute();
  else choose("theme", root.dataset.bsTheme === "dark" ? "light" : "dark");
});

document.addEventListener("change", (event) => {
  if (event.target.dataset.pref) choose(event.target.dataset.pref, event.target.value);
});

document.addEventListener("input", (event) => {
  if (!("quantity" in event.target.dataset)) return;
  for (const echo of event.target.form.querySelectorAll("[data-quantity-echo]")) echo.textContent = event.target.value;
});

// One press, one request: the button says what is going on until the answer is there.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.thBusy) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  const button = event.submitter;
  form.dataset.thBusy = "1";
  if (!button) return;
  button.setAttribute("aria-disabled", "true");
  if (button.dataset.busy) {
    button.dataset.thLabel = button.textContent;
    button.textContent = button.dataset.busy;
  }
}, true);
function free() {
  for (const form of document.querySelectorAll("form[data-th-busy]")) {
    delete form.dataset.thBusy;
    for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
    for (const button of form.querySelectorAll("[data-th-label]")) {
      button.textContent = button.dataset.thLabel;
      delete button.dataset.thLabel;
    }
  }
}
addEventListener("pageshow", (event) => event.persisted && free());
document.addEventListener("htmx:finally:request", free);
document.addEventListener("htmx:after:swap", ready);

const PLACES = { h: "/", p: "/platforms", s: "/strategies", o: "/positions", l: "/signals" };
let going = 0;
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, dialog[open]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || stored("keys") === "off") return;
  const key = event.key;
  if (going && Date.now() - going < 1500 && PLACES[key]) location.assign(PLACES[key]);
  going = key === "g" ? Date.now() : 0;
  if (key === "K") show("stop-sheet");
  else if (key === "?") show("keys-help");
  else if (key === "/") {
    event.preventDefault();
    const search = document.querySelector("[data-search]");
    if (search) search.focus();
    else location.assign("/signals");
  }
});

ready();
