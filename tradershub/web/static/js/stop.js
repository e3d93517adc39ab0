// Reloads the stop page when something changes, but never while a form on it is being filled in.
const editing = () => document.querySelector("details[open]") !== null || document.activeElement?.matches("button, input, select");
let due = 0;
const reload = () => {
  due ||= setTimeout(() => {
    due = 0;
    if (!document.hidden && !editing()) location.reload();
  }, 1000);
};
const source = new EventSource("/api/events?topics=gate,positions,orders");
let first = true;
for (const name of ["gate", "order", "position"]) source.addEventListener(name, name === "position" ? moved : reload);
// Without a stream the page is asked again every 3 s, but only once the hub answers: an empty browser page stops nothing.
source.addEventListener("error", () => {
  if (source.readyState !== EventSource.CLOSED) return;
  setInterval(() => fetch("/healthz").then((answer) => answer.ok && reload(), () => {}), 3000);
});
addEventListener("pagehide", () => source.close());

// A price that moves is no reason to reload; a position that opens, changes its size or closes is.
const sizes = new Map();
function moved(event) {
  const { id, quantity } = JSON.parse(event.data);
  if (sizes.has(id) && sizes.get(id) !== quantity) reload();
  else if (!sizes.has(id) && !first) reload();
  sizes.set(id, quantity);
}
source.addEventListener("snapshot", (event) => {
  for (const { id, quantity } of JSON.parse(event.data).positions ?? []) sizes.set(id, quantity);
  first = false;
});
