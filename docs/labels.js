// Names for what the theme's program adds without one: the tools of each block of code, for those who hear the page.
let named = 0;
new MutationObserver(() => document.querySelectorAll(".md-code__nav:not([aria-label])").forEach(nav => {
  named += 1;
  nav.setAttribute("aria-label", `tools of code ${named}`);
})).observe(document.documentElement, { childList: true, subtree: true });

// What can be scrolled is reached by the keyboard
const reached = () => document.querySelectorAll("div.primitive > div, p:has(> img)").forEach(part => {
  if (part.scrollWidth > part.clientWidth) part.setAttribute("tabindex", "0");
  else part.removeAttribute("tabindex");
});
addEventListener("load", reached);
addEventListener("resize", reached);
