// One line in a page shows the chat in its corner:
//   <script src="https://bot.example.org/widget.js" data-label="Ask us" defer></script>
// The chat is a frame of the server, so that neither page can read the other.
(() => {
  "use strict";
  const script = document.currentScript;
  const home = new URL(".", script.src);
  const label = script.dataset.label || "Chat";
  const button = document.createElement("button");
  const frame = document.createElement("iframe");
  button.type = "button";
  button.textContent = label;
  button.setAttribute("aria-expanded", "false");
  Object.assign(button.style, {
    position: "fixed", insetBlockEnd: "1rem", insetInlineEnd: "1rem", zIndex: 2147483000, padding: ".8rem 1.2rem",
    font: "1rem/1.2 system-ui, sans-serif", color: "#fff", background: "#0b5cad", border: "0", borderRadius: "2rem", cursor: "pointer",
  });
  frame.title = label;
  frame.hidden = true;
  Object.assign(frame.style, {
    position: "fixed", insetBlockEnd: "4.5rem", insetInlineEnd: "1rem", zIndex: 2147483000, width: "min(24rem, calc(100vw - 2rem))",
    height: "min(34rem, calc(100vh - 6rem))", border: "1px solid #8a8a94", borderRadius: "1rem", background: "Canvas",
  });
  const show = (open) => {
    if (open && !frame.src) frame.src = home.href;
    frame.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    (open ? frame : button).focus();
  };
  button.addEventListener("click", () => show(frame.hidden));
  addEventListener("message", (event) => {
    if (event.source === frame.contentWindow && event.data === "chatbot:close") show(false);
  });
  const add = () => document.body.append(button, frame);
  if (document.body) add(); else addEventListener("DOMContentLoaded", add);
})();
