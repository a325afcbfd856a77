"""How a component's JavaScript, which our own route serves as a file, comes to run in Streamlit's place for it."""

# Inline JavaScript would travel with every rerun. Streamlit runs this from a blob, against which no path resolves.
# `data.script` is the address of a module whose default export is called as Streamlit calls a component's. A browser
# that still fetches the module answers several calls in any order: then the last one alone counts.
LOADER = """
const newest = new WeakMap();

export default function (component) {
    let cleanup = null;
    let left = false;
    newest.set(component.parentElement, component);
    const script = new URL(component.data.script, window.location.href);
    import(script.href).then((panel) => {
        const counts = newest.get(component.parentElement) === component;
        if (counts && !left) cleanup = panel.default(component);
    });
    return () => {
        left = true;
        if (cleanup) cleanup();
    };
}
"""
