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
    const unit = box.dataset.unit ?? "";
    const upright = { ...axis, values: (plot, marks) => marks.map((mark) => `${mark}${unit}`) };
    // What holds until it changes is drawn in steps.
    const paths = "steps" in box.dataset ? uPlot.paths.stepped({ align: 1 }) : undefined;
    const chart = new uPlot(
      {
        width: box.clientWidth,
        height: 260,
        series: [{}, ...lines.map((line, place) => ({
          label: line.label,
          stroke: colour(`--series-${place + 1}`),
          width: 2,
          paths,
          dash: place ? [6, 4] : undefined,
        }))],
        axes: [axis, upright],
      },
      [times, ...lines.map((line) => line.values)],
      box,
    );
    new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: 260 })).observe(box);
  }
})();
