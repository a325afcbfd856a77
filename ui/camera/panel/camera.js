/** A camera of this device: turned on and off, another one, and pictures of the middle of what it sees. */

import { element } from "./dom.js";

const QUALITY = 0.85; // of a JPEG: some 3 kB for 96 x 96 pixels
const UNSAFE = "Browsers give a camera only to pages that are served over https, or from this computer as localhost.";
// What browsers call what went wrong, and what a person can do.
const FAILURES = {
  NotAllowedError: "This page may not use the camera. Allow it in the browser's address bar, or in its settings.",
  SecurityError: "This browser lets no page use the camera.",
  NotFoundError: "There is no camera here. Connect one, or open this page on a phone.",
  OverconstrainedError: "This camera is not there any more. Try again with another one.",
  NotReadableError: "The camera does not answer. Another program may be using it.",
  AbortError: "The camera does not answer. Another program may be using it.",
};

export class Camera {
  #stream = null;
  #devices = []; // the ids of all cameras
  #turn = 0; // of the last start: what an earlier one brings is let go
  #canvas = document.createElement("canvas");

  /** @param tell called with the state (off, starting, on, failed) and a message */
  constructor(tell) {
    this.tell = tell;
    this.video = element("video", "hl-video", { playsinline: "", "aria-label": "What the camera sees" });
    this.video.muted = true;
  }

  /** How many cameras there are, known while one is on. */
  get count() {
    return this.#devices.length;
  }

  stop() {
    this.#turn += 1;
    this.#release();
    this.tell("off", "");
  }

  /** Turn on the camera that looks at the person, or the named one. */
  async start(device = null) {
    this.#release();
    const turn = (this.#turn += 1);
    if (!navigator.mediaDevices?.getUserMedia) {
      this.tell("failed", UNSAFE);
      return;
    }
    this.tell("starting", "");
    try {
      const which = device ? { deviceId: { exact: device } } : { facingMode: { ideal: "user" } };
      const size = { width: { ideal: 640 }, height: { ideal: 480 } };
      const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...which, ...size } });
      await this.#show(stream, turn);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#release();
      this.tell("failed", FAILURES[error.name] ?? `The camera cannot be used: ${error.message}`);
    }
  }

  /** Turn to the next camera. */
  switch() {
    const now = this.#track?.getSettings().deviceId;
    return this.start(this.#devices[(this.#devices.indexOf(now) + 1) % this.#devices.length]);
  }

  /** @returns {?string} the middle square of what is seen as JPEG in base64, side x side; null where nothing is. */
  picture(side) {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!this.#stream || !width) return null;
    const edge = Math.min(width, height);
    this.#canvas.width = this.#canvas.height = side;
    const brush = this.#canvas.getContext("2d");
    brush.imageSmoothingQuality = "high";
    brush.drawImage(this.video, (width - edge) / 2, (height - edge) / 2, edge, edge, 0, 0, side, side);
    return this.#canvas.toDataURL("image/jpeg", QUALITY).split(",")[1];
  }

  async #show(stream, turn) {
    if (turn !== this.#turn) {
      stopAll(stream);
      return;
    }
    this.#stream = stream;
    this.#track.addEventListener("ended", () => this.#onEnded(turn));
    this.video.srcObject = stream;
    // A person expects a mirror, but for what a camera at the back sees.
    this.video.classList.toggle("hl-mirrored", this.#track.getSettings().facingMode !== "environment");
    await this.video.play();
    const devices = await navigator.mediaDevices.enumerateDevices();
    if (turn !== this.#turn) return;
    this.#devices = devices.filter(({ kind }) => kind === "videoinput").map(({ deviceId }) => deviceId);
    this.tell("on", "");
  }

  #onEnded(turn) {
    if (turn !== this.#turn) return;
    this.#release();
    this.tell("failed", "The camera was disconnected.");
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  #release() {
    if (this.#stream) stopAll(this.#stream);
    this.#stream = this.video.srcObject = null;
  }
}

function stopAll(stream) {
  for (const track of stream.getTracks()) track.stop();
}
