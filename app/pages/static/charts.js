// Lines over time. The table on the same page has the same figures, so a chart is hidden from screen readers.
(() => {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  for (const box of document.querySelectorAll("[data-chart]")) {
    const times = box.dataset.times.split(" ").map((text) => Date.parse(text) / 1000);
    const lines = Object.keys(box.dataset)
      .filter((name) => name.startsWith("line"))
      .sort()
      .map((name) => {
        const [label, values] = box.dataset[name].split("|");
        return { label, values: values.split(" ").map((text) => (text === "-" ? null : Number(text))) };
      });
    const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--border"), width: 1 }, ticks: { stroke: colour("--border"), width: 1 } };
    const spoken = document.documentElement.lang;
    const language = spoken === "en" ? "en-GB" : spoken; // the day before the month, as on the page
    const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
    // Marks of the axis: hours, days or months, as far apart as they stand.
    const marked = (plot, marks, place, space, step) => {
      const parts = step < 86400 ? { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }
        : step < 28 * 86400 ? { day: "numeric", month: "short" } : { month: "short", year: "numeric" };
      const words = new Intl.DateTimeFormat(language, parts);
      return marks.map((mark) => (mark == null ? "" : words.format(mark * 1000)));
    };
    const along = { ...axis, space: 90, values: marked };
    const time = { label: box.dataset.time, value: (plot, at) => (at == null ? "–" : moment.format(at * 1000)) };
    const unit = box.dataset.unit ?? "";
    const upright = { ...axis, values: (plot, marks) => marks.map((mark) => `${mark}${unit}`) };
    // What holds until it changes is drawn in steps.
    const paths = "steps" in box.dataset ? uPlot.paths.stepped({ align: 1 }) : undefined;
    const chart = new uPlot(
      {
        width: box.clientWidth,
        height: 260,
        series: [time, ...lines.map((line, place) => ({
          label: line.label,
          stroke: colour(`--series-${place + 1}`),
          width: 2,
          paths,
          dash: place ? [6, 4] : undefined,
        }))],
        axes: [along, upright],
      },
      [times, ...lines.map((line) => line.values)],
      box,
    );
    new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: 260 })).observe(box);
  }
})();
