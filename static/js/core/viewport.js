/* What the window shows of this page. The frame is as high as the page and it is the portal that
   scrolls, so no style sheet knows where the window ends; an observer is told what is seen. */

/** Tells again and again where on this page the window ends, in pixels below the frame's beginning,
    for what is to stand there. Answers how to stop it. */
export function followSight(tell) {
  const page = document.documentElement;
  const observer = new IntersectionObserver(([{ isIntersecting, intersectionRect }]) => {
    const end = Math.min(intersectionRect.bottom, visualViewport.offsetTop + visualViewport.height);
    // It tells when more or less is seen, not when something else is: so it is asked anew.
    observer.unobserve(page);
    observer.observe(page);
    if (isIntersecting) tell(Math.round(end));
  });
  observer.observe(page);
  return () => observer.disconnect();
}
