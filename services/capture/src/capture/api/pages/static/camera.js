// Reads QR codes from the camera: with the browser's own detector, else with the one that came along.

const EVERY_MS = 150;
const AGAIN_MS = 4000;
const LARGEST = 800;

async function detector() {
  if ("BarcodeDetector" in globalThis) {
    const kinds = await BarcodeDetector.getSupportedFormats();
    if (kinds.includes("qr_code")) {
      const own = new BarcodeDetector({ formats: ["qr_code"] });
      return async (video) => (await own.detect(video))[0]?.rawValue;
    }
  }
  const { decodeQR } = await import("./vendor/qr/decode.js");
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return (video) => {
    const scale = Math.min(1, LARGEST / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = video.videoWidth * scale;
    canvas.height = video.videoHeight * scale;
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(pen.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      return undefined; // no code in this picture
    }
  };
}

// Starts the camera and calls `read` with each badge that comes before it; gives a function that stops it.
export async function watch(video, read) {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  const detect = await detector();
  video.srcObject = stream;
  await video.play();
  let last = "";
  let seen = 0;
  let running = true;
  async function look() {
    if (!running) return;
    const text = video.videoWidth ? await detect(video) : undefined;
    const now = performance.now();
    if (text && (text !== last || now - seen > AGAIN_MS)) read(text);
    if (text) [last, seen] = [text, now];
    setTimeout(look, EVERY_MS);
  }
  look();
  return () => {
    running = false;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
}
