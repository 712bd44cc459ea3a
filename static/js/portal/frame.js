/* Talks to the portal through its SDK. Loaded after the page is there. */
const START_TIMEOUT = 10_000;
const SMALLEST_STEP = 2;
const SETTLE = 50;
/** The frame is kept at least as high as this. */
let least = 0;
/** @type {ReturnType<typeof start> | null} */
let starting = null;

export const inPortal = () => window.parent !== window && window.name.split('|').length > 2;

/** Loads the SDK when it is first needed. Rejects outside of a portal. */
export function portalFrame() {
  if (!starting) {
    starting = start();
    starting.catch(() => { starting = null; });
  }
  return starting;
}

/** Opens a page of the portal beside the app.
    @param {string} path */
export async function openInPortal(path) {
  const { slider } = await portalFrame();
  await slider.openPath(slider.getUrl(path));
}

/** Keeps the frame as high as its content, and gives it a title.
    @param {string} title */
export function follow(title) {
  followHeight(document.getElementById('app'));
  nameFrame(title).catch(() => {});
}

/** Keeps the frame at least this high, also when the content is lower.
    @param {number} height */
export function keepHigh(height) {
  if (least === height) return;
  least = height;
  document.dispatchEvent(new Event('overlaychange'));
}

/** @param {string} title */
async function nameFrame(title) {
  const { parent, placement } = await portalFrame();
  if (placement.isDefault) await parent.setTitle(title);
}

/** The SDK's own fitWindow never shrinks a frame, and its resizeWindowAuto freezes the width.
    @param {HTMLElement} content */
function followHeight(content) {
  let told = 0;
  let timer = 0;
  const tell = async () => {
    const height = heightOf(content);
    if (Math.abs(height - told) < SMALLEST_STEP) return;
    told = height;
    const { parent } = await portalFrame();
    await parent.message.send('resizeWindow', { width: '100%', height, isSafely: true });
  };
  const settle = () => {
    clearTimeout(timer);
    timer = setTimeout(() => tell().catch(() => {}), SETTLE);
  };
  new ResizeObserver(settle).observe(content);
  document.addEventListener('overlaychange', settle);
}

/** @param {HTMLElement} content */
function heightOf(content) {
  const overlays = [...content.querySelectorAll('[data-overlay]:not([hidden])')];
  const bottoms = overlays.map((overlay) => overlay.getBoundingClientRect().bottom + window.scrollY + 16);
  return Math.ceil(Math.max(least, content.getBoundingClientRect().height, ...bottoms));
}

async function start() {
  if (!inPortal()) throw new Error('not in a portal');
  await loadScript(document.body.dataset.sdk);
  return within(START_TIMEOUT, window.B24Js.initializeB24Frame());
}

/** @param {string} address @returns {Promise<unknown>} */
function loadScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.nonce = document.querySelector('script[nonce]')?.nonce ?? '';
    script.src = address;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

/** Rejects when the portal does not answer in time: the SDK itself would wait for ever.
    @template Value @param {number} milliseconds @param {Promise<Value>} promise */
function within(milliseconds, promise) {
  let timer = 0;
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('the portal does not answer')), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
