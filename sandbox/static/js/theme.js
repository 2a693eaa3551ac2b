// Sets the chosen theme before the first paint; without a choice the system's preference rules.
(() => {
  const chosen = localStorage.getItem("sandbox.theme");
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
})();
