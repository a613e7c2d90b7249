// Reads a QR code from a picture that the person chooses, and fills in what it says.
(() => {
  const box = document.querySelector("[data-scan]");
  if (!box) return;
  box.hidden = false;
  const status = box.querySelector("[data-scan-status]");
  const MAX_SIDE = 1600;
  box.querySelector("#scan").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    event.target.value = "";
    if (!file) return;
    status.textContent = "";
    const text = await read(file).catch(() => null);
    if (!text) {
      status.textContent = status.dataset.none;
      return;
    }
    document.getElementById("id").value = text.slice(0, 300);
    document.getElementById("verify-form").requestSubmit();
  });

  async function read(file) {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, MAX_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const paper = canvas.getContext("2d");
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const pixels = paper.getImageData(0, 0, canvas.width, canvas.height);
    const code = window.jsQR(pixels.data, pixels.width, pixels.height);
    return code ? code.data : null;
  }
})();
