// Mounts the page's saved widgets: a small host for anywidget front-end modules (https://anywidget.dev/en/afm/).
// Each class of widget is one file that hands its source to convlibWidget(); it is loaded when a widget of that class
// comes near the screen.  A module is imported from memory, so that all this works from file:// too.
(() => {
  const saved = document.querySelector('script[type="application/vnd.convlib.widgets+json"]');
  if (!saved) return;
  const models = JSON.parse(saved.textContent);
  const folder = new URL("widgets/", document.currentScript.src);
  const arrivals = {};
  const modules = {};
  const started = {};

  window.convlibWidget = (name, module, style) => {
    const sheet = document.createElement("style");
    sheet.textContent = style;
    document.head.append(sheet);
    const address = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
    arrivalOf(name).resolve(import(address).finally(() => URL.revokeObjectURL(address)));
  };

  const arrivalOf = (name) => {
    if (!arrivals[name]) {
      const arrival = (arrivals[name] = {});
      arrival.promise = new Promise((resolve, reject) => Object.assign(arrival, { resolve, reject }));
    }
    return arrivals[name];
  };
  const load = (name) =>
    (modules[name] ??= (() => {
      // The page's first widget is on its way already.
      const script = document.querySelector(`script[src*="/${name}.js"]`) ?? document.createElement("script");
      script.onerror = () => arrivalOf(name).reject(new Error(`its file ${name}.js could not be loaded`));
      if (!script.src) {
        script.src = new URL(`${name}.js`, folder);
        document.head.append(script);
      }
      return arrivalOf(name).promise;
    })());

  // Traits with Backbone's events, as anywidget promises them; there is no kernel to save changes to.
  class Model {
    #state;
    #heard = {};
    widget_manager = { get_model: async (id) => (await start(id.replace("IPY_MODEL_", ""))).model };

    constructor({ state, buffers }) {
      this.#state = state;
      for (const { path, data } of buffers) {
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        const last = path.at(-1);
        path.slice(0, -1).reduce((part, key) => part[key], state)[last] = new DataView(bytes.buffer);
      }
    }
    get(name) {
      return this.#state[name];
    }
    set(name, value) {
      const given = typeof name === "object" ? name : { [name]: value };
      const changed = Object.keys(given).filter((key) => this.#state[key] !== given[key]);
      Object.assign(this.#state, given);
      for (const key of changed) this.#tell(`change:${key}`, this, this.#state[key]);
      if (changed.length) this.#tell("change", this);
    }
    on(event, act) {
      (this.#heard[event] ??= new Set()).add(act);
    }
    off(event, act) {
      if (!event) this.#heard = {};
      else if (act) this.#heard[event]?.delete(act);
      else delete this.#heard[event];
    }
    /** All traits by name. */
    state() {
      return { ...this.#state };
    }
    save_changes() {}
    send() {}
    /** A message, as from Python's widget.send. */
    receive(message, buffers = []) {
      this.#tell("msg:custom", message, buffers);
    }
    #tell(event, ...given) {
      for (const act of [...(this.#heard[event] ?? [])]) act(...given);
    }
  }

  // One model for all its views; initialize() runs once for each.
  const start = (id) =>
    (started[id] ??= (async () => {
      if (!models[id]) throw new Error(`the page has no saved state for ${id}`);
      const { default: exported } = await load(models[id].source);
      const widget = typeof exported === "function" ? await exported() : exported;
      const model = new Model(models[id]);
      await widget.initialize?.({ model });
      return { model, widget };
    })());

  const render = async (box) => {
    const place = box.querySelector(".cl-live");
    const leaving = new AbortController();
    try {
      const { model, widget } = await start(place.dataset.model);
      const end = await widget.render({ model, el: place, signal: leaving.signal });
      model.authored ??= model.state(); // before any reader, or any link, has touched it
      box.classList.add("mounted");
      place.model = model;
      place.unmount = () => {
        leaving.abort();
        end?.();
        place.replaceChildren();
        box.classList.remove("mounted");
        box.mounting = null;
      };
      box.dispatchEvent(new CustomEvent("mounted", { bubbles: true }));
      return model;
    } catch (error) {
      const notice = document.createElement("p");
      notice.className = "cl-error";
      notice.setAttribute("role", "alert");
      notice.textContent = `This widget could not start: ${error.message}. The picture shows it at rest.`;
      place.replaceChildren(notice);
      return null;
    }
  };

  const MARGIN = 600; // pixels above and below the screen that count as near
  const isNear = (box) => {
    const { top, bottom } = box.getBoundingClientRect();
    return top < innerHeight + MARGIN && bottom > -MARGIN;
  };
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) target.mount();
    },
    { rootMargin: `${MARGIN}px` },
  );
  // What is near already need not wait for the observer: that reports only when the page has time to.
  const near = [];
  for (const box of document.querySelectorAll(".cl-mount")) {
    /** Mount the widget now, if it is not; gives its model, or null if it could not start. */
    box.mount = () => {
      watcher.unobserve(box);
      return (box.mounting ??= render(box));
    };
    if (isNear(box)) near.push(box.mount());
    else watcher.observe(box);
  }

  // MathJax keeps the page busy for seconds on a phone: it begins when these widgets live or have failed.  Only what
  // hangs, for so many milliseconds, is not waited for.
  const PATIENCE = 10000;
  const math = (window.MathJax ??= {});
  (math.startup ??= {}).pageReady = async () => {
    await Promise.race([Promise.all(near), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    return MathJax.startup.defaultPageReady();
  };
})();
