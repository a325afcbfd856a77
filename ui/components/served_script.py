"""The loader of a component's JavaScript, which our own route serves as a file."""

# Inline JavaScript would be sent with every rerun, so Streamlit gets only this loader. It runs from a blob, where
# relative paths do not resolve, so `data.script` is the address of a module whose default export is called as
# Streamlit calls a component's. While the module is being fetched, calls may resolve in any order: only the newest
# call of an element counts.
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
