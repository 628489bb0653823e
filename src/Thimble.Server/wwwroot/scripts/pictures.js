// Pictures that go with the next message.
const place = document.getElementById("pictures");
const input = document.getElementById("picture-file");
const most = 20 * 1024 * 1024; // bytes of one picture: larger ones would be refused by the server
let attached = [];

export function start(complain) {
  document.getElementById("attach").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    for (const file of input.files) add(file, complain);
    input.value = "";
  });
  document.getElementById("prompt").addEventListener("paste", (event) => {
    if (document.getElementById("attach").hidden) return;
    for (const file of event.clipboardData.files) if (file.type.startsWith("image/")) add(file, complain);
  });
}

/** Those attached, which are then attached no more. */
export function take() {
  const taken = attached;
  attached = [];
  draw();
  return taken;
}

async function add(file, complain) {
  if (file.size > most) {
    complain(`${file.name} has ${(file.size / 1e6).toFixed(0)} MB; at most 20 MB can be sent.`);
    return;
  }
  const reader = new FileReader();
  reader.onload = () => {
    attached.push({ name: file.name, url: reader.result });
    draw();
  };
  reader.onerror = () => complain(`${file.name} cannot be read.`);
  reader.readAsDataURL(file);
}

function draw() {
  place.replaceChildren(...attached.map((picture, index) => {
    const figure = document.createElement("figure"), image = document.createElement("img"), drop = document.createElement("button");
    image.src = picture.url;
    image.alt = picture.name;
    drop.type = "button";
    drop.textContent = "×";
    drop.setAttribute("aria-label", `Leave out ${picture.name}`);
    drop.addEventListener("click", () => {
      attached.splice(index, 1);
      draw();
    });
    figure.append(image, drop);
    return figure;
  }));
}
