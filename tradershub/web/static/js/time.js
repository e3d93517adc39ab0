// <th-time> shows a time in the user's zone or how long ago it was; <th-stale> dims the row around it when its data is old.
const root = document.documentElement;
const STALE_MS = 5_000;
const GONE_MS = 30_000;
const FORMATS = {
  time: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  "clock-ms": { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 },
  date: { year: "numeric", month: "2-digit", day: "2-digit" },
};
FORMATS.datetime = { ...FORMATS.date, ...FORMATS.time };
FORMATS.ms = { ...FORMATS.date, ...FORMATS["clock-ms"] };

// Ages are counted against the hub's clock: a browser's own may be minutes off.
let offset = Date.parse(root.dataset.now) - Date.now() || 0;
let utc = sessionStorage.getItem("th-utc") === "1";
const formatters = new Map();
const serverNow = () => Date.now() + offset;
const zone = () => (utc ? "UTC" : root.dataset.zone || undefined);

function written(moment, format) {
  const key = `${format} ${zone()}`;
  if (!formatters.has(key)) {
    formatters.set(key, new Intl.DateTimeFormat("sv-SE", { ...FORMATS[format], timeZone: zone(), hourCycle: "h23" }));
  }
  return formatters.get(key).format(moment).replace(",", ".");
}

function zoneName(moment) {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone(), timeZoneName: "short" }).formatToParts(moment);
  return parts.find((part) => part.type === "timeZoneName").value;
}

function lasting(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds}\u00a0s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}\u00a0min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)}\u00a0h`;
  return `${Math.floor(seconds / 86400)}\u00a0days`;
}

class Time extends HTMLElement {
  static observedAttributes = ["at", "format"];
  connectedCallback() {
    this.draw();
  }
  attributeChangedCallback() {
    if (this.isConnected) this.draw();
  }
  draw() {
    const at = this.getAttribute("at");
    const moment = Date.parse(at);
    if (Number.isNaN(moment)) return;
    let element = this.querySelector("time");
    if (!element) {
      element = document.createElement("time");
      this.replaceChildren(element);
    }
    if (element.dateTime !== at) {
      element.dateTime = at;
      element.title = new Date(moment).toISOString().replace("T", " ").replace("Z", " UTC");
    }
    const text = this.text(moment);
    if (element.textContent !== text) element.textContent = text;
  }
  text(moment) {
    const format = this.getAttribute("format") ?? "time";
    if (format === "ago") return `${lasting(serverNow() - moment)} ago`;
    if (format === "age") return lasting(serverNow() - moment);
    if (format !== "stamp") return written(moment, format);
    const today = written(moment, "date") === written(serverNow(), "date");
    return written(moment, today ? "time" : "datetime");
  }
  get moves() {
    return ["ago", "age"].includes(this.getAttribute("format"));
  }
}

class Stale extends HTMLElement {
  static observedAttributes = ["as-of"];
  connectedCallback() {
    this.draw();
  }
  attributeChangedCallback() {
    if (this.isConnected) this.draw();
  }
  draw() {
    const moment = Date.parse(this.getAttribute("as-of"));
    const age = Number.isNaN(moment) ? Infinity : serverNow() - moment;
    const state = age < STALE_MS ? "fresh" : age < GONE_MS ? "stale" : "gone";
    const text =
      age === Infinity ? "no data yet"
      : state === "fresh" ? "live"
      : state === "stale" ? `${lasting(age)} old`
      : `no data since ${written(moment, written(moment, "date") === written(serverNow(), "date") ? "time" : "datetime")}`;
    if (this.textContent !== text) this.textContent = text;
    const row = this.closest("[data-row]");
    if (row && row.dataset.thAge !== state) {
      row.dataset.thAge = state;
      this.dispatchEvent(new CustomEvent("th-age", { bubbles: true }));
    }
  }
}

customElements.define("th-time", Time);
customElements.define("th-stale", Stale);

const clock = document.getElementById("clock");
function tick() {
  if (clock) {
    clock.hidden = false;
    clock.textContent = `${written(serverNow(), "time")} ${zoneName(serverNow())}`;
  }
  if (document.hidden) return;
  for (const element of document.querySelectorAll("th-time")) if (element.moves) element.draw();
  for (const element of document.querySelectorAll("th-stale")) element.draw();
}
function redraw() {
  for (const element of document.querySelectorAll("th-time, th-stale")) element.draw();
  tick();
}
if (clock) {
  const describe = () => {
    clock.title = utc ? "Show times in your zone" : "Show times in UTC";
  };
  describe();
  clock.addEventListener("click", () => {
    utc = !utc;
    sessionStorage.setItem("th-utc", utc ? "1" : "0");
    describe();
    redraw();
  });
}
addEventListener("th-server-time", (event) => {
  offset = Date.parse(event.detail) - Date.now() || offset;
});
addEventListener("th-choice", redraw);
document.addEventListener("visibilitychange", tick);
tick();
setInterval(tick, 1000);
