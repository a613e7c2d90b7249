// Draws the figures of a page in the colours that its reader chose.
const dark =
  document.body.dataset.theme === "dark" ||
  (document.body.dataset.theme !== "light" &&
    window.matchMedia("(prefers-color-scheme: dark)").matches);
mermaid.initialize({ startOnLoad: true, theme: dark ? "dark" : "neutral" });
