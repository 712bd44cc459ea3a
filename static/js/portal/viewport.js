/* What the window shows of this page. The frame is as high as the page and the portal scrolls it,
   so a style sheet cannot know where the window ends; an observer is told what is visible. */

/** Calls `tell` whenever the window ends at another place, with that place in pixels from the top
    of the frame. Returns a function that stops this.
    @param {(end: number) => void} tell */
export function followViewportEnd(tell) {
  const page = document.documentElement;
  const observer = new IntersectionObserver(([entry]) => {
    // An observer tells when more or less is seen, not when something else is: so it starts anew.
    observer.unobserve(page);
    observer.observe(page);
    if (!entry?.isIntersecting) return;
    const visible = window.visualViewport;
    const end = visible ? visible.offsetTop + visible.height : window.innerHeight;
    tell(Math.round(Math.min(entry.intersectionRect.bottom, end)));
  });
  observer.observe(page);
  return () => observer.disconnect();
}

/** Tells style sheets how much of the frame is below the window, as `--below-window` of an element.
    Returns a function that stops this.
    @param {HTMLElement} element */
export const tellBelowWindow = (element) => followViewportEnd((end) => {
  element.style.setProperty('--below-window', `${Math.max(0, window.innerHeight - end)}px`);
});
