/** A camera of this device: turned on and off, switched, and pictures of the middle of what it sees. */

import { context2d, createElement } from "./dom.js";

const QUALITY = 0.85; // of a JPEG: about 3 kB for 96 x 96 pixels
const UNSAFE = "Browsers allow a camera only on pages that are served over https, or from this computer as localhost.";

/**
 * What a person can do about an error, by its name.
 *
 * @type {Record<string, string>}
 */
const FAILURES = {
  NotAllowedError: "This page may not use the camera. Allow it in the browser's address bar or settings.",
  SecurityError: "This browser lets no page use the camera.",
  NotFoundError: "No camera found. Connect one, or open this page on a phone.",
  OverconstrainedError: "This camera is no longer available. Try again with another one.",
  NotReadableError: "The camera does not respond. Another program may be using it.",
  AbortError: "The camera does not respond. Another program may be using it.",
};

/** @typedef {"off" | "starting" | "on" | "failed"} CameraState */

export class Camera {
  video = createElement("video", "hl-video", { playsinline: "", "aria-label": "Camera view" });
  #onState;
  /** @type {?MediaStream} */
  #stream = null;
  /** @type {string[]} ids of all cameras */
  #devices = [];
  #start = 0; // number of the last start: what an earlier one brings is dropped
  #canvas = document.createElement("canvas");

  /** @param {(state: CameraState, message: string) => void} onState */
  constructor(onState) {
    this.#onState = onState;
    this.video.muted = true;
  }

  /** The number of cameras; known while one is on. */
  get count() {
    return this.#devices.length;
  }

  stop() {
    this.#start += 1;
    this.#release();
    this.#onState("off", "");
  }

  /**
   * Turn on a camera; without an id, the one that faces the person.
   *
   * @param {string} [device]
   */
  async start(device) {
    this.#release();
    this.#start += 1;
    const start = this.#start;
    if (!navigator.mediaDevices?.getUserMedia) {
      this.#onState("failed", UNSAFE);
      return;
    }
    this.#onState("starting", "");
    try {
      const choice = device ? { deviceId: { exact: device } } : { facingMode: { ideal: "user" } };
      const size = { width: { ideal: 640 }, height: { ideal: 480 } };
      const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...choice, ...size } });
      await this.#show(stream, start);
    } catch (error) {
      if (start !== this.#start) return;
      this.#release();
      const { name, message } = /** @type {Error} */ (error);
      this.#onState("failed", FAILURES[name] ?? `The camera cannot be used: ${message}`);
    }
  }

  /** Turn on the next camera. */
  async switch() {
    const current = this.#devices.indexOf(this.#track?.getSettings().deviceId ?? "");
    await this.start(this.#devices[(current + 1) % this.#devices.length]);
  }

  /**
   * Return the middle square of what is seen, as JPEG in base64, `side` x `side` pixels; null if nothing is seen.
   *
   * @param {number} side
   */
  picture(side) {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!this.#stream || !width) return null;
    const edge = Math.min(width, height);
    Object.assign(this.#canvas, { width: side, height: side });
    const brush = context2d(this.#canvas);
    brush.imageSmoothingQuality = "high";
    brush.drawImage(this.video, (width - edge) / 2, (height - edge) / 2, edge, edge, 0, 0, side, side);
    return this.#canvas.toDataURL("image/jpeg", QUALITY).split(",")[1];
  }

  /**
   * @param {MediaStream} stream
   * @param {number} start
   */
  async #show(stream, start) {
    if (start !== this.#start) {
      stopAll(stream);
      return;
    }
    this.#stream = stream;
    this.#track?.addEventListener("ended", () => this.#onEnded(start));
    this.video.srcObject = stream;
    // A person expects a mirror, except from a camera on the back.
    this.video.classList.toggle("hl-mirrored", this.#track?.getSettings().facingMode !== "environment");
    await this.video.play();
    const devices = await navigator.mediaDevices.enumerateDevices();
    if (start !== this.#start) return;
    this.#devices = devices.filter(({ kind }) => kind === "videoinput").map(({ deviceId }) => deviceId);
    this.#onState("on", "");
  }

  /** @param {number} start */
  #onEnded(start) {
    if (start !== this.#start) return;
    this.#release();
    this.#onState("failed", "The camera was disconnected.");
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  #release() {
    if (this.#stream) stopAll(this.#stream);
    this.#stream = null;
    this.video.srcObject = null;
  }
}

/** @param {MediaStream} stream */
function stopAll(stream) {
  for (const track of stream.getTracks()) track.stop();
}
