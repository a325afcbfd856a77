/**
 * Say to the server whether the person asks for less motion on the screen: the speed of training depends on it.
 *
 * A plain script in the head of the page (ui/page_head.py), which runs before Streamlit connects, so that a session
 * knows it from its first moment.
 */
(() => {
  const wants = matchMedia("(prefers-reduced-motion: reduce)").matches ? "less" : "any";
  document.cookie = `hidden_layers_motion=${wants}; Path=/; SameSite=Lax`;
})();
