// Keeps the page true: one event stream a tab, or the page asked again every 5 s where there is no stream.
const root = document.documentElement;
const topics = root.dataset.topics;
const EVENTS = ["snapshot", "status", "position", "order", "signal", "gate", "platform"];
const PAINT_MS = 250;
const REFRESH_MS = 2_000;
const POLL_MS = 5_000;
const SILENCE_MS = 25_000;
const REOPEN_MS = 30_000;
const NO_CENTS = new Set(["JPY", "KRW", "HUF"]);
const MINUS = "\u2212";

let source = null;
let lastId = "";
let lastHeard = 0;
let polling = 0;

/* how values are written: the same as on the server */
const nothing = (value) => value === null || value === undefined || value === "";
const grouped = (value, places) =>
  Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
function money(value, currency) {
  if (nothing(value)) return "–";
  const text = grouped(Number(value), NO_CENTS.has(currency) ? 0 : 2);
  const sign = /[1-9]/.test(text) ? (Number(value) < 0 ? MINUS : "+") : "";
  return sign + text + (currency ? `\u00a0${currency}` : "");
}
function price(value, least) {
  if (nothing(value)) return "–";
  const places = Math.max(least, String(value).replace(/0+$/, "").split(".")[1]?.length ?? 0);
  return (Number(value) < 0 ? MINUS : "") + grouped(Number(value), places);
}
const side = (value) => (Number(value) > 0 ? "gain" : Number(value) < 0 ? "loss" : "flat");
const words = (value) => String(value).replaceAll("_", " ");

const WRITERS = {
  money(element, value) {
    element.classList.remove("th-gain", "th-loss", "th-flat");
    element.classList.add(`th-${side(value)}`);
    element.dataset.value = value ?? "";
    return money(value, element.dataset.currency);
  },
  price: (element, value) => price(value, Number(element.dataset.decimals)),
  qty: (element, value) => price(value, 0),
  state(element, value) {
    element.dataset.state = value;
    return words(value);
  },
  mode(element, value) {
    element.dataset.mode = value;
    return value;
  },
  at: (element, value) => element.setAttribute("at", value ?? ""),
  "as-of": (element, value) => element.setAttribute("as-of", value ?? ""),
  shown(element, value) {
    element.hidden = !value;
  },
};

/* painting: the newest value of each key, at most four times a second */
const waiting = new Map();
let painting = 0;
function patch(prefix, row) {
  for (const [name, value] of Object.entries(row)) waiting.set(`${prefix}:${name}`, value);
  painting ||= setTimeout(paint, PAINT_MS);
}
function paint() {
  painting = 0;
  for (const element of document.querySelectorAll("[data-live]")) {
    if (!waiting.has(element.dataset.live)) continue;
    const value = waiting.get(element.dataset.live);
    const writer = WRITERS[element.dataset.kind];
    const text = writer ? writer(element, value) : String(value ?? "–");
    if (text === undefined || element.textContent === text) continue;
    element.textContent = text;
    element.classList.remove("is-changed");
    requestAnimationFrame(() => element.classList.add("is-changed"));
  }
  waiting.clear();
  total();
}

/* a row without fresh data leaves the totals, and they say so */
function total() {
  for (const element of document.querySelectorAll("[data-total]")) {
    const currency = element.dataset.total;
    let sum = 0;
    let left = 0;
    let counted = 0;
    for (const row of document.querySelectorAll("#positions tr[data-row]")) {
      const figure = row.querySelector(`td > .th-pnl[data-currency="${CSS.escape(currency)}"]`);
      if (!figure) continue;
      if (row.dataset.thAge === "gone" || figure.dataset.value === "") left += 1;
      else {
        sum += Number(figure.dataset.value);
        counted += 1;
      }
    }
    const figure = element.querySelector(".th-pnl");
    const text = WRITERS.money(figure, counted ? sum : null);
    if (figure.textContent !== text) figure.textContent = text;
    const partial = document.querySelector(`[data-total-partial="${CSS.escape(currency)}"]`);
    if (partial) partial.hidden = left === 0;
  }
}

/* regions: parts that are simplest drawn by the server are fetched with the page they belong to */
const stale = new Set();
let refreshing = 0;
let refreshed = 0;
function refresh(...names) {
  for (const region of document.querySelectorAll("[data-live-region]")) {
    if (region.dataset.liveRegion.split(" ").some((topic) => names.includes(topic))) stale.add(region.id);
  }
  if (stale.size && !refreshing) refreshing = setTimeout(swap, Math.max(300, refreshed + REFRESH_MS - Date.now()));
}
async function swap() {
  refreshing = 0;
  const busy = document.querySelector("dialog[open], .th-dialog:target") || document.hidden;
  if (busy) {
    refreshing = setTimeout(swap, 1000);
    return true;
  }
  refreshed = Date.now();
  const held = document.activeElement?.closest("form [name]")?.closest("[data-live-region]")?.id;
  const ids = [...stale].filter((id) => id !== held && document.getElementById(id));
  stale.clear();
  return ids.length === 0 || fetchPage(location.pathname + location.search, { selectOOB: ids.map((id) => `#${id}:outerMorph`).join(",") });
}
async function fetchPage(url, options) {
  let reached = false;
  const seen = (event) => {
    reached ||= event.detail.ctx.response?.status === 200;
  };
  document.addEventListener("htmx:after:request", seen);
  try {
    await window.htmx.ajax("GET", url, { target: "body", swap: "none", push: "false", ...options });
  } catch {
    reached = false; // the status bar says it; the next attempt comes by itself
  } finally {
    document.removeEventListener("htmx:after:request", seen);
  }
  total();
  return reached;
}

/* the log: new rows on top, but never under the reader's eyes */
const more = document.getElementById("log-new");
let arrived = 0;
let inserting = 0;
const rows = () => document.querySelector("[data-live-rows]");
const reading = () => scrollY > 120 || (rows()?.contains(document.activeElement) ?? false);
function announce() {
  arrived += 1;
  if (!rows()) return;
  if (!reading()) inserting ||= setTimeout(insert, 400);
  else if (more) {
    more.hidden = false;
    more.textContent = `${arrived} new signal${arrived === 1 ? "" : "s"}`;
  }
}
async function insert() {
  inserting = 0;
  const target = rows();
  if (!target || new URLSearchParams(location.search).has("cursor")) return;
  arrived = 0;
  if (more) more.hidden = true;
  const query = new URLSearchParams(location.search);
  query.set("after", target.querySelector('[data-signal]:not([data-signal=""])')?.dataset.signal ?? "");
  await fetchPage(`${target.dataset.liveRows}?${query}`, { target, swap: "afterbegin" });
}
more?.addEventListener("click", () => {
  scrollTo({ top: 0 });
  insert();
});

/* events */
const row = (kind, id) => document.querySelector(`[data-row="${CSS.escape(`${kind}:${id}`)}"]`);
function status(data) {
  patch("status", data);
  if (data.at) dispatchEvent(new CustomEvent("th-server-time", { detail: data.at }));
}
function position(data) {
  const open = data.quantity === undefined || Number(data.quantity) !== 0;
  if (Boolean(row("position", data.id)) !== open) refresh("positions");
  if (open) patch(`position:${data.id}`, data);
}
const RECEIVERS = {
  status,
  position,
  order(data) {
    patch(`order:${data.order_id}`, data);
    refresh("orders");
  },
  signal() {
    announce();
    refresh("signals");
  },
  gate(data) {
    if (data.scope === "global") patch("status", { gate: data.gate });
    refresh("gate");
  },
  platform(data) {
    patch(`platform:${data.name}`, data);
    refresh("platforms");
  },
  snapshot(data) {
    if (data.status) status(data.status);
    for (const item of data.platforms ?? []) patch(`platform:${item.name}`, item);
    if (!data.positions) return;
    const known = new Set(data.positions.map((item) => `position:${item.id}`));
    const gone = [...document.querySelectorAll('[data-row^="position:"]')].some((item) => !known.has(item.dataset.row));
    if (gone) refresh("positions");
    data.positions.forEach(position);
  },
};

/* the stream */
const link = document.getElementById("live-link");
function say(state) {
  if (!link) return;
  link.hidden = false;
  const badge = link.firstElementChild;
  badge.dataset.state = state;
  badge.textContent = state;
  link.title = { live: "Values arrive as they change", polling: "No stream: the page is asked again every 5 s" }[state] ?? "";
}
function receive(event) {
  lastId = event.lastEventId || lastId;
  lastHeard = Date.now();
  if (polling) polling = clearInterval(polling);
  say("live");
  RECEIVERS[event.type]?.(JSON.parse(event.data));
}
function open() {
  close();
  const query = new URLSearchParams({ topics });
  if (lastId) query.set("last_event_id", lastId);
  source = new EventSource(`/api/events?${query}`);
  lastHeard = Date.now();
  for (const name of EVENTS) source.addEventListener(name, receive);
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CLOSED) poll();
    else if (!polling) say("reconnecting");
  });
}
function close() {
  source?.close();
  source = null;
}
function poll() {
  if (polling) return;
  say("polling");
  polling = setInterval(async () => {
    if (document.hidden) return;
    for (const region of document.querySelectorAll("[data-live-region]")) stale.add(region.id);
    stale.add("frame-status");
    say((await swap()) ? "polling" : "no connection");
    if (rows() && !reading()) await insert();
  }, POLL_MS);
}
if (topics) {
  open();
  setInterval(() => {
    const silent = Date.now() - lastHeard;
    if (document.hidden || silent < SILENCE_MS) return;
    poll();
    if (silent > REOPEN_MS) open();
  }, 5000);
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
}
document.addEventListener("th-age", total);
document.addEventListener("htmx:after:request", (event) => {
  const answer = event.detail.ctx.response?.raw;
  if (answer?.redirected && new URL(answer.url).pathname === "/login") location.assign("/login");
});
