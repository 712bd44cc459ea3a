/* What the window shows of this page. The frame is as high as the page and it is the portal that
   scrolls, so no style sheet knows where the window ends; an observer is told what is seen. */

/** Keeps `--unseen` of an element at what of the page lies below the window, in pixels, for what
    is to stand at the window's end. Answers how to stop it. */
export function followSight(element) {
  const page = document.documentElement;
  const observer = new IntersectionObserver(([{ isIntersecting, intersectionRect }]) => {
    const end = Math.min(intersectionRect.bottom, visualViewport.offsetTop + visualViewport.height);
    if (isIntersecting) element.style.setProperty('--unseen', `${Math.max(0, Math.round(window.innerHeight - end))}px`);
    // It tells when more or less is seen, not when something else is: so it is asked anew.
    observer.unobserve(page);
    observer.observe(page);
  });
  observer.observe(page);
  return () => observer.disconnect();
}
