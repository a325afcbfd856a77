"""How a component's JavaScript, which our own route serves as a file, comes to run in Streamlit's place for it."""

# Inline JavaScript would travel with every rerun. Streamlit runs this from a blob, against which no path resolves.
# `data.script` is the address of a module whose default export is called as Streamlit calls a component's.
LOADER = """
export default function (component) {
    let cleanup = null;
    let left = false;
    const script = new URL(component.data.script, window.location.href);
    import(script.href).then((panel) => {
        if (!left) cleanup = panel.default(component);
    });
    return () => {
        left = true;
        if (cleanup) cleanup();
    };
}
"""
