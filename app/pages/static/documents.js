// Files may be dropped; while they are sent, the page shows how far they are.
(() => {
  const box = document.querySelector("[data-drop]");
  if (!box) return;
  const form = box.closest("form");
  const input = box.querySelector("input[type=file]");
  const words = box.querySelector("[data-progress]");
  const bar = box.querySelector("progress");
  const MAX_BYTES = 20_000_000;

  for (const name of ["dragover", "dragenter"]) {
    box.addEventListener(name, (event) => { event.preventDefault(); box.classList.add("over"); });
  }
  box.addEventListener("dragleave", () => box.classList.remove("over"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    box.classList.remove("over");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change"));
  });
  input.addEventListener("change", () => {
    const large = [...input.files].filter((file) => file.size > MAX_BYTES).map((file) => file.name);
    input.setCustomValidity(large.length ? `${words.dataset.large} ${large.join(", ")}` : "");
    words.textContent = input.validationMessage;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    bar.hidden = false;
    request.upload.addEventListener("progress", (step) => {
      if (step.lengthComputable) bar.value = (100 * step.loaded) / step.total;
    });
    request.upload.addEventListener("load", () => { words.textContent = words.dataset.sent; });
    request.addEventListener("load", () => {
      if (request.responseURL && !request.responseURL.endsWith(new URL(form.action).pathname)) {
        location.assign(request.responseURL);
        return;
      }
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      document.querySelector("main").replaceWith(answer.querySelector("main"));
      document.querySelector("main").focus();
    });
    request.addEventListener("error", () => { delete form.dataset.sent; form.submit(); });
    request.send(new FormData(form));
  });
})();
