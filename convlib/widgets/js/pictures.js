// Pictures from anywhere as grey values: shipped ones, the reader's files, the camera.  Nothing is sent to anyone.

import { element } from "./dom.js";

const LUMA = [0.2125, 0.7154, 0.0721]; // as scikit-image's rgb2gray

/** Grey values, row by row, of what a canvas can draw: the largest part in its middle that has this shape. */
export function greyOf(source, width, height, { mirrored = false } = {}) {
  const [wide, high] = [source.videoWidth || source.width, source.videoHeight || source.height];
  const scale = Math.max(width / wide, height / high);
  const [w, h] = [width / scale, height / scale];
  const context = element("canvas", { width, height }).getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  if (mirrored) context.setTransform(-1, 0, 0, 1, width, 0);
  context.fillStyle = "#fff"; // behind what is transparent
  context.fillRect(0, 0, width, height);
  context.drawImage(source, (wide - w) / 2, (high - h) / 2, w, h, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const grey = new Uint8Array(width * height);
  for (let i = 0; i < grey.length; i += 1) {
    grey[i] = Math.round(LUMA[0] * data[4 * i] + LUMA[1] * data[4 * i + 1] + LUMA[2] * data[4 * i + 2]);
  }
  return grey;
}

/** Grey values of a picture file: a Blob, or the bytes of one. */
export async function decoded(file, width, height) {
  const blob = file instanceof Blob ? file : new Blob([file]);
  const bitmap = await createImageBitmap(blob, { imageOrientation: "from-image" });
  const grey = greyOf(bitmap, width, height);
  bitmap.close();
  return grey;
}

/**
 * The ways in for the reader's own pictures: `open()` asks for a file; pictures dropped on the widget are taken, and
 * pasted ones while it is looked at.  `take(file)` gets each.
 */
export function ownPictures(view, take) {
  const input = element("input", { type: "file", accept: "image/*", hidden: true, tabindex: -1, "aria-label": "your own picture" });
  input.addEventListener("change", () => {
    if (input.files[0]) take(input.files[0]);
    input.value = ""; // so that the same file can be chosen again
  });
  const pictureIn = (transfer) => [...(transfer?.files ?? [])].find(({ type }) => type.startsWith("image/"));
  const drags = (event) => event.dataTransfer?.types?.includes("Files");
  const over = (inside) => (event) => {
    if (!drags(event)) return;
    event.preventDefault();
    view.root.classList.toggle("dropping", inside);
  };
  view.listen(view.root, "dragover", over(true));
  view.listen(view.root, "dragleave", over(false));
  view.listen(view.root, "drop", (event) => {
    over(false)(event);
    const file = pictureIn(event.dataTransfer);
    if (file) take(file);
  });
  view.listen(document, "paste", (event) => {
    const file = pictureIn(event.clipboardData);
    if (!file || !view.root.matches(":hover, :focus-within")) return;
    event.preventDefault();
    take(file);
  });
  return { input, open: () => input.click() };
}

/**
 * The camera: asked for by `start()` alone, let go by `stop()`.  `frame(video)` is called for each new frame; `changed()`
 * when it starts or stops.  `start` gives null, or what went wrong in words.
 */
export function camera(view, { frame, changed }) {
  const video = element("video", { muted: true, playsinline: true });
  video.muted = true;
  let [stream, asked, ended] = [null, 0, false];
  const next = () => {
    asked = requestAnimationFrame(() => {
      if (video.readyState >= 2) frame(video);
      if (stream) next();
    });
  };
  const stop = () => {
    cancelAnimationFrame(asked);
    for (const track of stream?.getTracks() ?? []) track.stop();
    const was = stream;
    stream = video.srcObject = null;
    if (was) changed();
  };
  const start = async () => {
    if (!navigator.mediaDevices?.getUserMedia) return "This page may not use a camera.";
    try {
      const given = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480, facingMode: "user" } });
      if (ended) return given.getTracks().forEach((track) => track.stop());
      stop();
      stream = video.srcObject = given;
      await video.play();
    } catch (error) {
      stop();
      return error.name === "NotAllowedError" ? "The camera was not allowed." : "No camera answers.";
    }
    next();
    changed();
    return null;
  };
  view.onReset(stop);
  view.until(() => {
    ended = true;
    stop();
  });
  return { start, stop, live: () => stream !== null };
}
