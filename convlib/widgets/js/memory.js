// What a reader has answered, kept while the tab is open: on the book's own pages, where no kernel keeps it.

/**
 * A place for one value, by page and name; in JupyterLab, or where the browser keeps nothing, it stays empty.
 * `load()` gives null where there is none.
 */
export function memory(el, name) {
  const key = el.closest(".cl-mount") ? `convlib ${location.pathname} ${name}` : "";
  const quietly = (act) => {
    try {
      return key ? act(sessionStorage) : null;
    } catch {
      return null; // storage that is full, or forbidden, or holds what is no JSON
    }
  };
  return {
    load: () => quietly((store) => JSON.parse(store.getItem(key))),
    save: (value) => quietly((store) => store.setItem(key, JSON.stringify(value))),
  };
}
