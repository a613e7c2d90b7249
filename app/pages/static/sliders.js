// Shows the value of a slider beside it while it moves.
for (const input of document.querySelectorAll("[data-sliders] input[type=range]")) {
  const output = input.parentElement.querySelector("output");
  input.addEventListener("input", () => { output.textContent = input.value; });
}
