// Applies this browser's choices before the first paint; loaded in the head, on purpose without waiting.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const choice = (name) => {
    try {
      return localStorage.getItem(`th-${name}`) ?? "";
    } catch {
      return ""; // storage is switched off: the system's choice counts
    }
  };
  const apply = () => {
    root.dataset.bsTheme = choice("theme") || (dark.matches ? "dark" : "light");
    root.dataset.pnl = choice("pnl");
    if (choice("zone")) root.dataset.zone = choice("zone");
  };
  apply();
  dark.addEventListener("change", apply);
  addEventListener("storage", apply);
  addEventListener("th-choice", apply);
})();
