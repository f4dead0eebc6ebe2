// Shows the buttons that copy: without this script there are none, and what they would copy is selected by hand.
"use strict";
for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const status = document.getElementById(button.dataset.status);
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
    } catch {
      // Browsers give the clipboard to pages over TLS only; elsewhere the selection is copied.
      getSelection().selectAllChildren(source);
      document.execCommand("copy");
    }
    status.textContent = button.dataset.done;
  });
}
