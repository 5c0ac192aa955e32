// Draws every figure of the page in the colours of the page.

const dark = matchMedia("(prefers-color-scheme: dark)");

function draw() {
  const style = getComputedStyle(document.body);
  const line = getComputedStyle(document.documentElement).getPropertyValue("--line").trim();
  for (const source of document.querySelectorAll("script[data-plot]")) {
    const figure = JSON.parse(source.textContent);
    const layout = { ...figure.layout, font: { color: style.color, family: style.fontFamily, size: 12 } };
    for (const axis of ["xaxis", "yaxis"]) layout[axis] = { ...layout[axis], gridcolor: line, zerolinecolor: line };
    // A window that changes its size must not make the plot lower than it was drawn.
    document.getElementById(source.dataset.plot).style.minHeight = `${layout.height}px`;
    Plotly.react(source.dataset.plot, figure.data, layout, { responsive: true, displayModeBar: false });
  }
}

draw();
dark.addEventListener("change", draw);
