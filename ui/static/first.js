// Runs while the page is read, before Gradio: the frame in the reader's language and theme.
{
  const chosen = (name) => { try { return localStorage.getItem(`notes-${name}`); } catch { return null; } };
  const spoken = (navigator.language || "zh").startsWith("zh") ? "zh" : "en";
  const language = ["zh", "en"].includes(chosen("language")) ? chosen("language") : spoken;
  const dark = (chosen("theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const first = document.querySelector("#first");
  document.body.classList.toggle("dark", dark);
  for (const part of first.children) part.hidden = part.lang !== language;
  // What Gradio will ask for in waves comes at once, but not before the frame is seen.
  const soon = () => {
    for (const name of first.dataset.soon.split(" ").filter(Boolean)) {
      document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href: `./assets/${name}` }));
    }
  };
  requestAnimationFrame(() => setTimeout(soon));
  let drawn = 0; // when the page stood there, in whichever language
  const over = () => {
    if (document.querySelector("gradio-app input[type=password], gradio-app .error")) return true;
    if (!document.querySelector("#words") || !document.querySelector("#pages [role=tab]")) return false;
    drawn ||= Date.now();
    return Boolean(document.querySelector(`#words[data-lang="${language}"]`)) || Date.now() - drawn > 3000;
  };
  const began = Date.now();
  const watch = setInterval(() => {
    if (!over() && Date.now() - began < 15000) return;
    clearInterval(watch);
    requestAnimationFrame(() => first.remove());
  }, 50);
}
